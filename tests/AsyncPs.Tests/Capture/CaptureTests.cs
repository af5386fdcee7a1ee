using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Capture;

public sealed class CaptureTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Modules_that_a_module_requires_are_brought_in_where_they_are_in_no_path()
    {
        using TempFolder folder = new();
        foreach ((
            string name,
            string code,
            string required) in ((string, string, string)[])[
                ("Inner", "function Get-Inner { 'inner' }", ""),
                ("Outer", "function Get-Outer { \"outer $(Get-Inner)\" }", "'Inner'"),
            ])
        {
            DirectoryInfo module = Directory.CreateDirectory(folder["AsyncPsTest" + name]);
            string prefixed = required.Replace("'Inner'", "'AsyncPsTestInner'", StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(module.FullName, module.Name + ".psm1"), code, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(module.FullName, module.Name + ".psd1"),
                $"@{{ RootModule = '{module.Name}.psm1'; ModuleVersion = '1.0'; RequiredModules = @({prefixed}); "
                    + $"FunctionsToExport = @('Get-{name}') }}",
                TestContext.Current.CancellationToken);
        }

        _session.Set("modules", folder.Path);
        ScriptRun run = await _session.RunAsync(
            "Import-Module $modules/AsyncPsTestInner; Import-Module $modules/AsyncPsTestOuter; 1..2 | Invoke-Concurrent { Get-Outer }");

        Assert.Empty(run.Errors);
        Assert.Equal(["outer inner", "outer inner"], run.Output);
    }

    [Theory]
    // Variables.
    [InlineData("$x = 5; 1 | Invoke-Concurrent { $x }", "5")]
    [InlineData("$x = 5; 1..3 | Invoke-Concurrent { \"$_ $x\" } -Ordered", "1 5 2 5 3 5")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { $x = 6; $x }; $x", "6 5")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { $x; $x = 6; $x }; $x", "5 6 5")]
    [InlineData("$x = 5; 1..3 | Invoke-Concurrent { ++$x; $x } -ThrottleLimit 1", "6 6 6")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { param($x) \"[$x]\" }", "[]")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { foreach ($x in 1..2) { $x } }", "1 2")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { & { & { $x } } }", "5")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { 1 | ForEach-Object { $x + $_ } }", "6")]
    [InlineData("$x = @{ a = @{ b = 'deep' } }; 1 | Invoke-Concurrent { \"<$($x.a.b)>\" }", "<deep>")]
    [InlineData("$x = 1, 2; 1 | Invoke-Concurrent { $x.Count }", "2")]
    [InlineData("$x = $null; 1 | Invoke-Concurrent { $null -eq $x }", "True")]
    [InlineData("1 | Invoke-Concurrent { $null -eq $nowhere }", "True")]
    [InlineData("$x = @{ InputObject = 7 }; 1 | Invoke-Concurrent { function f($InputObject) { $InputObject } f @x }", "7")]
    [InlineData("$x = 1, 2; 1 | Invoke-Concurrent { function f($a, $b) { \"$b$a\" } f @x }", "21")]
    [InlineData("$x = 5; function f { $x = 'local'; 1 | Invoke-Concurrent { $x } }; f", "local")]
    [InlineData("$x = 'outer'; function f { 1 | Invoke-Concurrent { $x } }; f", "outer")]
    [InlineData("foreach ($x in 1..3) { 1 | Invoke-Concurrent { $x } }", "1 2 3")]
    [InlineData("[int] $x = 5; 1 | Invoke-Concurrent { $x; $x = 'text'; $x }", "5 text")]
    [InlineData("$x = 1; Invoke-Concurrent { $x }, { $x + 1 } -Ordered", "1 2")]
    // Scopes.
    [InlineData("$script:x = 5; 1 | Invoke-Concurrent { $script:x }", "5")]
    [InlineData("$global:x = 5; 1 | Invoke-Concurrent { $global:x; $x; $global:x }; $global:x = $null", "5 5 5")]
    [InlineData("$global:x = 5; $x = 6; 1 | Invoke-Concurrent { $global:x; $x }; $global:x = $null", "5 6")]
    [InlineData("$env:ASYNCPS_X = 5; 1 | Invoke-Concurrent { $env:ASYNCPS_X }", "5")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { $variable:x }", "5")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { \"[$local:x]\" }", "[]")]
    // Automatic variables are the worker's.
    [InlineData("7 | ForEach-Object { 1 | Invoke-Concurrent { $_ } }", "1")]
    [InlineData("function f { 1 | Invoke-Concurrent { $args.Count } }; f a b c", "0")]
    [InlineData("$null = 'ab' -match 'a'; 1 | Invoke-Concurrent { $Matches[0] }", "a")]
    [InlineData("$null = 'ab' -match 'a'; 1 | Invoke-Concurrent { $null = 'b' -match 'b'; $Matches[0] }", "b")]
    [InlineData("function f { [CmdletBinding()] param() 1 | Invoke-Concurrent { $null -eq $PSCmdlet } }; f", "True")]
    [InlineData("1 | Invoke-Concurrent { $PSScriptRoot.Length; $PSCommandPath.Length }", "0 0")]
    // Functions.
    [InlineData("function f { 'f' }; 1 | Invoke-Concurrent { f }", "f")]
    [InlineData("function f { \"f $(g)\" }; function g { 'g' }; 1 | Invoke-Concurrent { f }", "f g")]
    [InlineData("function f { $x }; $x = 5; 1 | Invoke-Concurrent { f }", "5")]
    [InlineData("function f { $x }; $x = 5; 1 | Invoke-Concurrent { $x = 6; f }", "6")]
    [InlineData(
        "function f($n) { if ($n -le 1) { 1 } else { $n * (f ($n - 1)) } }; 1..5 | Invoke-Concurrent { f $_ } -Ordered",
        "1 2 6 24 120")]
    [InlineData(
        "function even($n) { if ($n) { odd ($n - 1) } else { 'even' } }; function odd($n) { if ($n) { even ($n - 1) } else { 'odd' } }; "
            + "5 | Invoke-Concurrent { even $_ }",
        "odd")]
    [InlineData("function f([int] $a, $b = 2) { \"$a $b\" }; 1 | Invoke-Concurrent { f 1; f -b 3 -a 4 }", "1 2 4 3")]
    [InlineData("function f { param($a = $x) process { \"$a$_\" } }; $x = 5; 1 | Invoke-Concurrent { 1, 2 | f }", "51 52")]
    [InlineData(
        "function f { [CmdletBinding()] param([Parameter(ValueFromPipeline)] $v) process { $v; $PSCmdlet.MyInvocation.MyCommand.Name } }; "
            + "1 | Invoke-Concurrent { 3 | f }",
        "3 f")]
    [InlineData("filter f { $_ * 2 }; 1 | Invoke-Concurrent { 3, 4 | f }", "6 8")]
    [InlineData("function f { 'caller' }; 1 | Invoke-Concurrent { function f { 'block' }; f }; f", "block caller")]
    [InlineData("function outer { function inner { 'inner' }; 1 | Invoke-Concurrent { inner } }; outer", "inner")]
    [InlineData("function f { 'f' }; 1 | Invoke-Concurrent { & 'f'; & { f }; \"<$(f)>\"; 1 | ForEach-Object { f } }", "f f <f> f")]
    [InlineData("function f { 'f' }; $name = 'f'; 1 | Invoke-Concurrent { & $name }", "f")]
    [InlineData("function f { 'f' }; 1 | Invoke-Concurrent { & $function:f }", "f")]
    [InlineData("function Get-Date { 'mine' }; 1 | Invoke-Concurrent { Get-Date }", "mine")]
    [InlineData(
        "function global:f { 'f' }; 1 | Invoke-Concurrent { f }; $null = $ExecutionContext.InvokeProvider.Item.Remove('function:f', "
            + "$false)",
        "f")]
    // Aliases.
    [InlineData("function f { 'f' }; $null = $ExecutionContext.InvokeProvider.Item.Set('alias:a', 'f'); 1 | Invoke-Concurrent { a }", "f")]
    [InlineData(
        "function f { 'f' }; $null = $ExecutionContext.InvokeProvider.Item.Set('alias:a', 'b'); "
            + "$null = $ExecutionContext.InvokeProvider.Item.Set('alias:b', 'f'); 1 | Invoke-Concurrent { a }",
        "f")]
    [InlineData(
        "$null = $ExecutionContext.InvokeProvider.Item.Set('alias:each', 'ForEach-Object'); "
            + "1 | Invoke-Concurrent { 1, 2 | each { $_ + 1 } }",
        "2 3")]
    // Script blocks and commands as values.
    [InlineData("$b = { \"b $x\" }; $x = 5; 1 | Invoke-Concurrent { & $b; . $b; $b.Invoke() }", "b 5 b 5 b 5")]
    [InlineData("function f { 'f' }; $b = { f }; 1 | Invoke-Concurrent { & $b }", "f")]
    [InlineData(
        "$b = { [runspace]::DefaultRunspace.Id }; 1 | Invoke-Concurrent { (& $b) -eq [runspace]::DefaultRunspace.Id; "
            + "$b.Invoke()[0] -eq [runspace]::DefaultRunspace.Id }",
        "True True")]
    [InlineData(
        "$b = { [runspace]::DefaultRunspace.Id }; 1 | Invoke-Concurrent { ($using:b).Invoke()[0] -eq [runspace]::DefaultRunspace.Id }",
        "True")]
    [InlineData("$x = 5; $t = @{ go = { \"go $x\" }; n = 1 }; 1 | Invoke-Concurrent { & $t.go; $t.go.Invoke(); $t.n }", "go 5 go 5 1")]
    [InlineData(
        "$x = 5; $t = [ordered] @{ a = 1; go = { \"go $x\" } }; 1 | Invoke-Concurrent { & $t.go; & $t[1]; @($t.Keys) }",
        "go 5 go 5 a go")]
    [InlineData("$x = 5; $l = { \"go $x\" }, 2; 1 | Invoke-Concurrent { & $l[0]; $l[1] }", "go 5 2")]
    [InlineData("$x = 5; $t = @{ in = @{ go = { \"go $x\" } } }; 1 | Invoke-Concurrent { & $t.in.go }", "go 5")]
    [InlineData("$f = & { $q = 'closed'; { $q }.GetNewClosure() }; $q = 'open'; 1 | Invoke-Concurrent { & $f; $q }", "closed open")]
    [InlineData("$q = 'closed'; $f = { $q }.GetNewClosure(); $q = 'open'; 1 | Invoke-Concurrent $f", "closed")]
    [InlineData("function f($a) { \"f $a\" }; $c = Get-Command f; 1 | Invoke-Concurrent { & $c 1; $c.Name }", "f 1 f")]
    [InlineData("$b = { & $b2 }; $b2 = { & $b3 }; $b3 = { 'three' }; 1 | Invoke-Concurrent { & $b }", "three")]
    // Preference variables.
    [InlineData("$OFS = '-'; 1 | Invoke-Concurrent { \"$(1, 2)\" }", "1-2")]
    [InlineData("$ErrorActionPreference = 'Stop'; 1 | Invoke-Concurrent { $ErrorActionPreference }", "Stop")]
    [InlineData("$ErrorActionPreference = 'SilentlyContinue'; 1 | Invoke-Concurrent { $ErrorActionPreference }", "Continue")]
    // Calls in calls.
    [InlineData("$x = 5; function f { \"f $x\" }; 1 | Invoke-Concurrent { $y = 6; 1 | Invoke-Concurrent { \"$x $y $(f)\" } }", "5 6 f 5")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { 1 | Invoke-Concurrent { $using:x } }", "5")]
    // Modules in memory.
    [InlineData(
        "$null = New-Module { function f { \"f $(private) $script:s\" }; function private { 'p' }; $s = 's'; Export-ModuleMember f }; "
            + "1 | Invoke-Concurrent { f }",
        "f p s")]
    [InlineData("$x = 'global'; $null = New-Module { $x = 'module'; function f { $x } }; 1 | Invoke-Concurrent { f; $x }", "module global")]
    [InlineData("function global:g { 'g' }; $null = New-Module { function f { g } }; 1 | Invoke-Concurrent { f }", "g")]
    [InlineData(
        "$null = New-Module -Name DynamicNamed { function f { 'f' } } | Import-Module; "
            + "1 | Invoke-Concurrent { & ('{0}' -f 'f') } -Module DynamicNamed",
        "f")]
    public async Task A_block_sees(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync(script));

    [Theory]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { \"[$x]\" } -NoCapture", "[]")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { \"[$x][$using:x]\" } -NoCapture", "[][5]")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { \"$x$y\" } -Variable @{ x = 1; y = 2 }", "12")]
    [InlineData("1 | Invoke-Concurrent { \"$x$global:y\" } -NoCapture -Variable @{ x = 1; 'global:y' = 2 }", "12")]
    [InlineData("1 | Invoke-Concurrent { & $b } -NoCapture -Variable @{ b = { 'b' } }", "b")]
    [InlineData("function f { \"f $(g) $x\" }; function g { 'g' }; $x = 5; 1 | Invoke-Concurrent { f } -NoCapture -Function f", "f g 5")]
    [InlineData("function f { 'f' }; 1 | Invoke-Concurrent { & ('{0}' -f 'f') } -Function F", "f")]
    [InlineData(
        "function f { 'f' }; $null = $ExecutionContext.InvokeProvider.Item.Set('alias:a', 'f'); "
            + "1 | Invoke-Concurrent { a } -NoCapture -Function a",
        "f")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { \"$OFS[$x]\" } -NoCapture", "[]")]
    public async Task The_parameters_decide(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync(script));

    [Theory]
    [InlineData("-Function nowhere", "FunctionNotFound")]
    [InlineData("-Function f, nowhere -NoCapture", "FunctionNotFound")]
    [InlineData("-Module NoSuchModule", "ModuleNotFound")]
    [InlineData("-Module ./no/such/module.psm1", "ModuleNotFound")]
    [InlineData("-Variable @{ true = 1 }", "VariableNameNotValid")]
    [InlineData("-Variable @{ 7 = 1 }", "VariableNameNotValid")]
    [InlineData("-Variable @{ '' = 1 }", "VariableNameNotValid")]
    [InlineData("-Variable @{ 'a*' = 1 }", "VariableNameNotValid")]
    public async Task A_wrong_name_ends_the_command_before_anything_runs(string parameters, string id)
    {
        ErrorRecord error = await _session.FailAsync(
            $"function f {{ }}; $ErrorActionPreference = 'Stop'; 1..3 | Invoke-Concurrent {{ $probe.Produce() }} {parameters}");

        Assert.Equal($"{id},AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Equal(0, _session.Probe.Produced);
    }

    [Fact]
    public async Task Workers_share_the_objects_of_the_caller()
    {
        ScriptRun run = await _session.RunAsync("""
            $list = [Collections.Concurrent.ConcurrentQueue[object]]::new()
            $table = [hashtable]::Synchronized(@{})
            1..200 | Invoke-Concurrent { $list.Enqueue($_); $table[$_] = $_ } -ThrottleLimit 4
            $list.Count
            $table.Count
            """);

        Assert.Empty(run.Errors);
        Assert.Equal([200, 200], run.Output);
    }

    [Fact]
    public async Task The_next_call_sees_nothing_of_the_one_before()
    {
        for (int i = 0; i < 10; i++)
        {
            ScriptRun run = await _session.RunAsync("""
                & {
                    $mine = 1; $script:sMine = 2; $global:gMine = 3
                    function fMine { 'f' }
                    $null = $ExecutionContext.InvokeProvider.Item.Set('alias:aMine', 'fMine')
                    1..20 | Invoke-Concurrent { $null = $mine, $script:sMine, $global:gMine; $null = aMine } -ThrottleLimit 3
                    $script:sMine = $global:gMine = $null
                }
                1..20 | Invoke-Concurrent -ThrottleLimit 3 -NoCapture {
                    "[$mine][$sMine][$script:sMine][$global:gMine][$(Get-Item function:fMine, alias:aMine -ErrorAction Ignore)]"
                }
                """);
            Assert.Empty(run.Errors);
            Assert.Equal(20, run.Output.Count);
            Assert.All(run.Output, o => Assert.Equal("[][][][][]", o));
        }
    }

    [Fact]
    public async Task A_function_that_was_defined_again_is_the_new_one()
    {
        ScriptRun run = await _session.RunAsync(
            "$b = { f }; function f { 1 }; 1 | Invoke-Concurrent $b; function f { 2 }; 1 | Invoke-Concurrent $b");

        Assert.Equal([1, 2], run.Output);
    }
}
