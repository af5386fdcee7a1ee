using System.Management.Automation;
using System.Management.Automation.Language;
using AsyncPs.Blocks.Capture;
using Xunit;

namespace AsyncPs.Tests.Capture;

public sealed class CodeReaderTests
{
    [Theory]
    // Read.
    [InlineData("$x", "x")]
    [InlineData("$X; $x; ${x}", "X")]
    [InlineData("$a; $b", "a b")]
    [InlineData("\"text $x and $($y.Name) and ${z}\"", "x y z")]
    [InlineData("@\"\n$x\n\"@", "x")]
    [InlineData("'text $x'", "")]
    [InlineData("Do-It @x", "x")]
    [InlineData("Do-It -Name $x -Value:$y ($z)", "x y z")]
    [InlineData("$x.Name = 1", "x")]
    [InlineData("$x[$i] = 1", "x i")]
    [InlineData("$x.Add($y)", "x y")]
    [InlineData("$x += 1", "x")]
    [InlineData("$x ??= 1", "x")]
    [InlineData("$x++", "x")]
    [InlineData("[ref] $x", "x")]
    [InlineData("$x = $x", "x")]
    [InlineData("@{ a = $x; $y = 1 }", "x y")]
    [InlineData("$x -is [int] -and $y", "x y")]
    [InlineData("$x ? $y : $z", "x y z")]
    [InlineData("& $x", "x")]
    [InlineData("$variable:x", "x")]
    // Scopes.
    [InlineData("$script:x; $global:y; $Script:x", "script:x global:y")]
    [InlineData("$local:x; $private:y; $env:HOME; $function:f", "")]
    [InlineData("$script:x = 1; $script:x", "")]
    [InlineData("$script:x = 1; $global:x", "global:x")]
    [InlineData("$local:x = 1; $x", "")]
    // The caller evaluates `$using:` of the block; a nested one belongs to the enclosing block.
    [InlineData("$using:x; \"$using:y\"", "")]
    [InlineData("1 | Invoke-Concurrent { $using:x; $using:y.Name }", "x y")]
    [InlineData("$x = 1; 1 | Invoke-Concurrent { $using:x }", "")]
    // Assigned first.
    [InlineData("$x = 1; $x", "")]
    [InlineData("[int] $x = 1; $x", "")]
    [InlineData("$x, $y = 1, 2; $x; $y", "")]
    [InlineData("$x, $y.Name = 1, 2; $x", "y")]
    [InlineData("($x = 1); $x", "")]
    [InlineData("if ($x = 1) { $x }", "")]
    [InlineData("$x = $y = 1; $x; $y", "")]
    [InlineData("$x = 1; { $x }; & { $x }", "")]
    [InlineData("data x { 'a' }; $x", "")]
    // Parameters and loop variables.
    [InlineData("param($x, [string] $y = $z) $x; $y", "z")]
    [InlineData("param($x, $y = $x) $y", "")]
    [InlineData("param([ValidateScript({ $_ -lt $max })] $x) $x", "max")]
    [InlineData("foreach ($x in $list) { $x }", "list")]
    [InlineData("for ($i = 0; $i -lt $n; $i++) { $i }", "n")]
    [InlineData("function f($x) { $x; $y }", "y")]
    [InlineData("{ param($x) $x }; $x", "x")]
    // Set on some paths only.
    [InlineData("if ($c) { $x = 1 }; $x", "c x")]
    [InlineData("if ($c) { $x = 1 } else { $x = 2 }; $x", "c")]
    [InlineData("if ($c) { $x = 1 } elseif ($d) { $x = 2 }; $x", "c d x")]
    [InlineData("if ($c) { $x = 1 } else { return }; $x", "c")]
    [InlineData("if ($c) { $x = 1 } else { throw 'no' }; $x", "c x")]
    [InlineData("foreach ($i in 1..3) { $x = $i }; $x", "x")]
    [InlineData("foreach ($i in 1..3) { if ($i) { continue }; $x = $i }; $x", "x")]
    [InlineData("while ($c) { $x = 1; $x }", "c")]
    [InlineData("while ($c) { $x; $x = 1 }", "c x")]
    [InlineData("do { $x = 1 } while ($x)", "x")]
    [InlineData("switch ($c) { 1 { $x = 1 } default { $x = 2 } }; $x", "c x")]
    [InlineData("switch ($c) { { $_ -gt $min } { $y } }", "c min y")]
    [InlineData("try { $x = Get-It } catch { $x = 2 }; $x", "")]
    [InlineData("try { $x = Get-It } catch { }; $x", "x")]
    [InlineData("try { Get-It } catch { $x } finally { $y }", "x y")]
    [InlineData("try { $x = 1 } finally { $x }", "x")]
    [InlineData("trap { $x }; $x = 1", "x")]
    [InlineData("$c -and ($x = 1); $x", "c x")]
    [InlineData("$c ?? ($x = 1); $x", "c x")]
    [InlineData("$c ? ($x = 1) : 2; $x", "c x")]
    [InlineData("$c ? $($x = 1) : 2; $x", "c x")]
    [InlineData("Get-It && ($x = 1); $x", "x")]
    [InlineData("& { $x = 1 }; $x", "x")]
    [InlineData("begin { $x = 1 } process { $x } end { $x; $y }", "y")]
    [InlineData("begin { if ($c) { return }; $x = 1 } process { $x }", "c x")]
    [InlineData("begin { return } process { $x }", "x")]
    [InlineData("begin { if ($c) { return }; 1 | ForEach-Object { 2 }; $x = 1 } process { $x }", "c x")]
    // Automatic variables.
    [InlineData(
        "$_; $PSItem; $args; $input; $true; $false; $null; $PSCmdlet; $MyInvocation; $Error; $PID; $HOME; $Host; $PSVersionTable",
        "")]
    [InlineData(
        "$PSScriptRoot; $PSCommandPath; $LASTEXITCODE; $?; $^; $$; $foreach; $switch; $PSBoundParameters; $ExecutionContext; $global:Error",
        "")]
    // Classes.
    [InlineData("class C { [int] $p = $x; [int] M($a) { return $a + $this.p + $script:y } }", "x this script:y")]
    public void Variables_read_before_they_are_set(string code, string expected)
        => Assert.Equal(expected, string.Join(' ', Read(code).Variables));

    [Theory]
    [InlineData("Get-It; get-it", "Get-It")]
    [InlineData("1 | Get-It | Set-It", "Get-It Set-It")]
    [InlineData("& 'Get-It'; . Set-It", "Get-It Set-It")]
    [InlineData("& $x", "")]
    [InlineData("\"$(Get-It)\"", "Get-It")]
    [InlineData("$x = Get-It; if (Test-It) { }", "Get-It Test-It")]
    [InlineData("& { Get-It }", "Get-It")]
    [InlineData("function f { Get-It }; f", "Get-It")]
    [InlineData("function f { f }", "")]
    [InlineData("f; function f { }", "f")]
    [InlineData("if ($c) { function f { } }; f", "f")]
    [InlineData("function script:f { }; f", "")]
    [InlineData("$function:f; $alias:a", "f a")]
    [InlineData("M\\Get-It", "M\\Get-It")]
    public void Commands_called(string code, string expected)
        => Assert.Equal(expected, string.Join(' ', Read(code).Commands));

    [Fact]
    public void Variables_that_are_called()
        => Assert.Equal(["x", "script:y"], Read("& $x; . $script:y; $z").CommandVariables);

    [Fact]
    public void The_tree_of_a_function_is_read_with_its_parameters()
    {
        Ast function = ScriptBlock.Create("function f($a, $b = $c) { $a; $b; $d; f; g }").Ast.Find(
            static ast => ast is FunctionDefinitionAst,
            searchNestedScriptBlocks: true);

        CodeReads reads = CodeReads.Of(function);

        Assert.Equal(["c", "d"], reads.Variables);
        Assert.Equal(["f", "g"], reads.Commands);
    }

    [Fact]
    public void A_tree_is_read_once()
    {
        ScriptBlock block = ScriptBlock.Create("$x");

        Assert.Same(CodeReads.Of(block.Ast), CodeReads.Of(block.Ast));
    }

    private static CodeReads Read(string code) => CodeReads.Of(ScriptBlock.Create(code).Ast);
}
