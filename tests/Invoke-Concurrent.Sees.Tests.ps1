#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# What a block sees of its caller's session, compared with the same code run in place, with ForEach-Object -Parallel and with
# Start-ThreadJob where those can do it. Each script runs at the top level of a new session, because the tests are about the global scope,
# imported modules and drives.

BeforeAll {
    $output = (Resolve-Path "$PSScriptRoot/../output").Path

    # Runs a script at the top level of a new session, and returns its output and its errors as text.
    function Invoke-Fresh([string] $Script) {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$output/AsyncPs'; Set-Location '$TestDrive'").Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddScript($Script)
            $shell.Commands.Commands[0].MergeMyResults('Error', 'Output')
            $shell.Invoke() | ForEach-Object { "$_" }
        }
        finally {
            $shell.Dispose()
        }
    }

    function New-TestModule([string] $Name, [string] $Code, [string] $Manifest) {
        $folder = (New-Item -ItemType Directory "$TestDrive/$Name" -Force).FullName
        Set-Content "$folder/$Name.psm1" $Code
        if ($Manifest) {
            Set-Content "$folder/$Name.psd1" $Manifest
        }
    }
}

Describe 'The state of modules' {
    BeforeAll {
        New-TestModule Conn @'
$script:token = 'none'
$script:cache = @{}
$script:onConnect = { "connected with $token" }
[int] $script:count = 0
function Connect-Conn($t) { $script:token = $t; $script:count++; $script:extra = 'set later' }
function Get-Token { "token $script:token" }
function Get-TokenDeep { Get-Inner }
function Get-Inner { "inner $token $script:count $script:extra" }
function Add-Cached($key) { $script:cache[$key] = "cached $key" }
function Get-Cached($key) { $script:cache[$key] }
function Get-Hook { & $script:onConnect }
function Set-Token($t) { $script:token = $t; $script:token }
function Clear-Conn { Remove-Variable extra -Scope Script }
'@
    }

    It 'is seen by the functions of a file module, in place and on workers alike' {
        $code = 'Get-Token; Get-TokenDeep; Get-Hook; Get-Cached a'
        $result = Invoke-Fresh @"
            Import-Module ./Conn; Connect-Conn SECRET; Add-Cached a
            (& { $code }) -join '|'
            (1 | Invoke-Concurrent { $code }) -join '|'
            (1 | Invoke-Concurrent { $code } -UseNewRunspace) -join '|'
            (1 | Invoke-Concurrent { Conn\Get-Token; Conn\Get-TokenDeep; Conn\Get-Hook; Conn\Get-Cached a }) -join '|'
            (1 |
                Invoke-Concurrent {
                    foreach (`$n in 'Get-Token', 'Get-TokenDeep', 'Get-Hook') { & `$n }; Get-Cached a
                } -Module Conn) -join '|'
            (Start-Throttled { $code } | Receive-Job -Wait) -join '|'
"@
        $result | Should -Be (@('token SECRET|inner SECRET 1 set later|connected with SECRET|cached a') * 6)
    }

    It 'is that of the moment of the call, also where the worker has been used before' {
        Invoke-Fresh @'
            Import-Module ./Conn; Connect-Conn one
            1..4 | Invoke-Concurrent { Start-Sleep -Milliseconds 20; Get-TokenDeep } | Sort-Object -Unique
            Connect-Conn two
            1..4 | Invoke-Concurrent { Start-Sleep -Milliseconds 20; Get-TokenDeep } | Sort-Object -Unique
            Clear-Conn
            1..4 | Invoke-Concurrent { Start-Sleep -Milliseconds 20; Get-TokenDeep } | Sort-Object -Unique
'@ | Should -Be 'inner one 1 set later', 'inner two 2 set later', 'inner two 2 '
    }

    It 'stays the caller''s own: what a block sets does not come back, nor to the next call' {
        Invoke-Fresh @'
            Import-Module ./Conn; Connect-Conn one
            1 | Invoke-Concurrent { Set-Token changed }
            1 | Invoke-Concurrent { Get-Token }
            Get-Token
'@ | Should -Be 'changed', 'token one', 'token one'
    }

    It 'includes global variables and functions that the module''s functions name' {
        New-TestModule Uses 'function Get-Used { "$global:Setting $Other $(Get-Users 7) $(short)" }'
        Invoke-Fresh @'
            Import-Module ./Uses
            $global:Setting = 'setting'
            $Other = 'other'
            function Get-Users($n) { "user $n $(Get-Deep)" }
            function Get-Deep { $deep }
            $deep = 'deep'
            Set-Alias short Get-Deep
            Get-Used
            1 | Invoke-Concurrent { Get-Used }
            Remove-Item function:Get-Users; function Get-Users { 'anew' }
            1 | Invoke-Concurrent { Get-Used }
            1 | Invoke-Concurrent { [bool] (Get-Command Get-Users -ErrorAction Ignore) }
'@ | Should -Be 'setting other user 7 deep deep', 'setting other user 7 deep deep', 'setting other anew deep', 'False'
    }

    It 'is not carried where it is the session''s own or of the module''s classes' {
        New-TestModule Own @'
class Counter { [int] $Value; [int] Next() { return ++$this.Value } }
$script:counter = [Counter]::new()
$script:session = $ExecutionContext.SessionState
function Get-Next { $script:counter.Next() }
function Test-Session { $script:session -eq $ExecutionContext.SessionState }
'@
        Invoke-Fresh 'Import-Module ./Own; $null = Get-Next; 1 | Invoke-Concurrent { Get-Next; Test-Session }' | Should -Be '1', 'True'
    }
}

Describe 'The import of a module on a worker' {
    It 'keeps the global variables that it makes, from call to call' {
        New-TestModule G '$global:Cfg = @{ speed = "fast" }; $global:Other = 1
            function Get-G { "cfg=$($global:Cfg.speed) $Other" }
            function Get-Dynamic { (Get-Variable Cfg -Scope Global -ValueOnly).speed }'
        Invoke-Fresh @'
            Import-Module ./G; Get-G
            foreach ($call in 1..3) { 1..3 | Invoke-Concurrent { Start-Sleep -Milliseconds 20; Get-G } | Sort-Object -Unique }
            foreach ($call in 1..2) { 1 | Invoke-Concurrent { Get-Dynamic } }
            $global:Other = 2
            1 | Invoke-Concurrent { Get-G }
'@ | Should -Be 'cfg=fast 1', 'cfg=fast 1', 'cfg=fast 1', 'cfg=fast 1', 'fast', 'fast', 'cfg=fast 2'
    }

    It 'does all that its manifest says' {
        New-TestModule Needed 'function Get-Needed { "needed" }' (
            "@{ RootModule = 'Needed.psm1'; ModuleVersion = '1.0'; FunctionsToExport = 'Get-Needed' }")
        New-TestModule Whole ('function Get-Part { "$preVariable|$(Get-Pre)|$(Get-Nested)|$(Get-Needed)|' +
            '$($MyInvocation.MyCommand.Module.PrivateData.Key)|$("x".Shout)|$([Whole.Thing]::Name)" }') @'
@{
    RootModule = 'Whole.psm1'; ModuleVersion = '1.0'; FunctionsToExport = 'Get-Part', 'Get-Nested'; DefaultCommandPrefix = 'Whole'
    ScriptsToProcess = 'pre.ps1'; NestedModules = 'nested.psm1'; RequiredModules = 'Needed'; RequiredAssemblies = 'thing.dll'
    TypesToProcess = 'types.ps1xml'; FormatsToProcess = 'views.ps1xml'; PrivateData = @{ Key = 'private' }
}
'@
        Set-Content $TestDrive/Whole/pre.ps1 '$preVariable = "from pre"; function Get-Pre { "pre" }'
        Set-Content $TestDrive/Whole/nested.psm1 'function Get-Nested { "nested" }'
        Set-Content $TestDrive/Whole/types.ps1xml ('<Types><Type><Name>System.String</Name><Members><ScriptProperty><Name>Shout</Name>' +
            '<GetScriptBlock>$this.ToUpper()</GetScriptBlock></ScriptProperty></Members></Type></Types>')
        Set-Content $TestDrive/Whole/views.ps1xml '<Configuration><ViewDefinitions/></Configuration>'
        Add-Type 'namespace Whole { public static class Thing { public static string Name => "thing"; } }' `
            -OutputAssembly $TestDrive/Whole/thing.dll
        $result = Invoke-Fresh @'
            $env:PSModulePath = "$PWD" + [IO.Path]::PathSeparator + $env:PSModulePath
            Import-Module Whole
            Get-WholePart
            foreach ($call in 1..2) { 1..3 | Invoke-Concurrent { Start-Sleep -Milliseconds 20; Get-WholePart } | Sort-Object -Unique }
            1 | Invoke-Concurrent { & "Get-WholePart" } -Module Whole
            1 | Invoke-Concurrent { Get-WholePart } -UseNewRunspace
            1 | Invoke-Concurrent { Get-WholeNested }
'@
        $result | Should -Be (@('from pre|pre|nested|needed|private|X|thing') * 5 + 'nested')
    }

    It 'goes on after an error, as Import-Module does, and tells it once, as a warning' {
        New-TestModule Fails @'
$first = 'first'
$x = 1 / 0
[int]::Parse('x')
Write-Error 'not found'
function Get-Fails { "$first $last" }
$last = 'last'
'@
        $result = Invoke-Fresh @'
            Import-Module ./Fails 2>$null; Get-Fails
            (1 | ForEach-Object -Parallel { Import-Module ./Fails 2>$null; Get-Fails })
            $found = 1..4 |
                Invoke-Concurrent {
                    Start-Sleep -Milliseconds 50; Get-Fails
                } -ThrottleLimit 4 -WarningVariable told -WarningAction SilentlyContinue -ErrorVariable errors
            $found | Sort-Object -Unique
            "$($told.Count) warnings, $($errors.Count) errors"
            $told -match 'divide by zero' | Select-Object -First 1
'@
        $result[0..3] | Should -Be 'first last', 'first last', 'first last', '3 warnings, 0 errors'
        $result[4] | Should -BeLike "*'Fails'*Attempted to divide by zero*Fails.psm1:2)"
    }

    It 'says once what the import of a file warns of, and nothing that the caller has seen at its own' {
        New-TestModule Loud 'Write-Warning "loud"; Write-Host "host"; Write-Verbose "verbose" -Verbose; function Get-Loud { "got" }'
        Invoke-Fresh @'
            Import-Module ./Loud *> $null
            1..3 | Invoke-Concurrent { Start-Sleep -Milliseconds 20; Get-Loud } *>&1 | Sort-Object -Unique
            1..3 | Invoke-Concurrent { Get-Loud } -UseNewRunspace *>&1 | Sort-Object -Unique
            1..3 | Invoke-Concurrent { Get-Loud } -UseNewRunspace -Module ./Loud/Loud.psm1 *>&1 | Sort-Object -Unique |
                ForEach-Object { "$_" }
'@ | Should -Be 'got', 'got', 'got', 'loud'
    }

    It 'is of one worker at a time' {
        New-TestModule Locks @'
$file = [IO.File]::Open("$PSScriptRoot/lock", 'OpenOrCreate', 'ReadWrite', 'None')
Start-Sleep -Milliseconds 50
$file.Dispose()
function Get-Lock { 'locked' }
'@
        Invoke-Fresh @'
            Import-Module ./Locks
            1..4 | Invoke-Concurrent { Start-Sleep -Milliseconds 300; Get-Lock } -ThrottleLimit 4 *>&1 | ForEach-Object { "$_" } |
                Sort-Object -Unique
'@ | Should -Be 'locked'
    }

    It 'fails the call where it fails as a whole, and says why' {
        New-TestModule Broken 'function Get-Broken { 1 }'
        Invoke-Fresh @'
            Import-Module ./Broken
            Set-Content ./Broken/Broken.psm1 'throw "not today"'
            try { 1 | Invoke-Concurrent { Get-Broken } } catch { "$($_.FullyQualifiedErrorId) $($_.Exception.Message)" }
'@ | Should -BeLike "ModuleNotImported*'Broken'*not today*"
    }
}

Describe 'The caller''s preferences' {
    It '<Set> does not keep functions, aliases and modules from a block' -ForEach @(
        @{ Set = '$WhatIfPreference = $true' }
        @{ Set = '$ConfirmPreference = "Low"' }
        @{ Set = '$ErrorActionPreference = "Stop"' }
        @{ Set = '$PSModuleAutoLoadingPreference = "None"' }
        @{ Set = '$PSDefaultParameterValues = @{ "*:WhatIf" = $true; "Import-Module:Name" = "nowhere" }' }
        @{ Set = 'Set-StrictMode -Version Latest' }
    ) {
        New-TestModule Plain 'function Get-Plain { "plain" }'
        $result = Invoke-Fresh @"
            Import-Module ./Plain
            function Remove-Thing { 'removed' }
            Set-Alias gone Remove-Thing
            $Set
            foreach (`$call in 1..2) { 1..2 | Invoke-Concurrent { Remove-Thing; gone; Get-Plain } -ThrottleLimit 1 }
"@
        $result | Should -Be (@('removed', 'removed', 'plain') * 4)
    }

    It 'are there for functions of modules if they are global' {
        New-TestModule Stops 'function Invoke-Stop { Write-Error "no"; "went on" }'
        Invoke-Fresh @'
            Import-Module ./Stops
            foreach ($preference in 'Stop', 'SilentlyContinue') {
                $global:ErrorActionPreference = $preference
                try { Invoke-Stop 2>$null } catch { 'stopped' }
                1 | Invoke-Concurrent { try { Invoke-Stop } catch { 'stopped' } } 2>$null
            }
'@ | Should -Be 'stopped', 'stopped', 'went on', 'went on'
    }

    It 'include strict mode' {
        Invoke-Fresh @'
            Set-StrictMode -Version 1
            1 | Invoke-Concurrent { try { $null = $nowhere; 'lax' } catch { 'strict' } }
            1 | Invoke-Concurrent { Set-StrictMode -Off; try { $null = $nowhere2; 'lax' } catch { 'strict' } }
            Set-StrictMode -Off
            1 | Invoke-Concurrent { try { $null = $nowhere3; 'lax' } catch { 'strict' } }
            & {
                Set-StrictMode -Version Latest
                Start-Throttled { try { $null = 'x'.Nowhere; 'lax' } catch { 'strict' } } | Receive-Job -Wait
            }
'@ | Should -Be 'strict', 'lax', 'lax', 'strict'
    }
}

Describe 'The caller''s location' {
    It 'is a drive of the caller''s own, which blocks and functions of modules name' {
        New-TestModule Reads 'function Get-Read($path) { Get-Content $path }'
        $result = Invoke-Fresh @'
            Import-Module ./Reads
            $null = New-Item -ItemType Directory ./one, ./two -Force; Set-Content ./one/f.txt one; Set-Content ./two/f.txt two
            $null = New-PSDrive data FileSystem ./one
            Set-Location data:/
            (& { "$PWD"; Get-Content f.txt; Get-Content data:/f.txt; Get-Read data:/f.txt }) -join ' '
            (1 | Invoke-Concurrent { "$PWD"; Get-Content f.txt; Get-Content data:/f.txt; Get-Read data:/f.txt }) -join ' '
            Set-Location ~
            Remove-PSDrive data
            $null = New-PSDrive data FileSystem $env:HERE/two
            (1..2 | Invoke-Concurrent { Get-Content data:/f.txt; Get-Read data:/f.txt } -ThrottleLimit 1) -join ' '
            Remove-PSDrive data
            1 | Invoke-Concurrent { Test-Path data:/f.txt }
'@.Replace('$env:HERE', $TestDrive)
        $sep = [IO.Path]::DirectorySeparatorChar
        $result | Should -Be "data:$sep one one one", "data:$sep one one one", 'two two two two', 'False'
    }

    It 'is a drive of another provider' {
        Invoke-Fresh @'
            function Get-InDrive { 'found' }
            $null = New-PSDrive vars Variable '' -ErrorAction Ignore
            Set-Location Function:
            (1 | Invoke-Concurrent { (Get-Location).Path })
            Set-Location vars:
            (1 | Invoke-Concurrent { $x = 7; (Get-Location).Drive.Name; (Get-Content vars:x) })
'@ | Should -Be "Function:$([IO.Path]::DirectorySeparatorChar)", 'vars', '7'
    }

    It 'fails the call before anything runs where it cannot be had' {
        Invoke-Fresh @'
            $null = New-Item -ItemType Directory ./gone -Force
            Set-Location ./gone
            [IO.Directory]::Delete("$PWD")
            foreach ($command in { 1 | Invoke-Concurrent { 'ran' } }, { Start-Throttled { 'ran' } }) {
                try { & $command } catch { "$($_.FullyQualifiedErrorId)" -replace ',.*'; $_.Exception.Message -match 'gone' }
            }
'@ | Should -Be 'LocationNotAvailable', 'True', 'LocationNotAvailable', 'True'
    }
}

Describe '$using:' {
    It 'takes drives, as Start-ThreadJob does' {
        Invoke-Fresh @'
            $env:ASYNCPS_USED = 'env'; $q = 3; function Foo { "foo $q" }
            (Start-ThreadJob { $using:env:ASYNCPS_USED; $using:variable:q; & ([scriptblock]::Create(${using:function:Foo})) } |
                Receive-Job -Wait) -join ' '
            (1 |
                Invoke-Concurrent {
                    $using:env:ASYNCPS_USED; $using:variable:q; & ${using:function:Foo}; "[$using:env:ASYNCPS_NOT]"
                }) -join ' '
            try { 1 | Invoke-Concurrent { ${using:function:Nowhere} } } catch { "$($_.FullyQualifiedErrorId)" -replace ',.*' }
            try { 1 | Invoke-Concurrent { $using:variable:nowhere } } catch { "$($_.FullyQualifiedErrorId)" -replace ',.*' }
'@ | Should -Be 'env 3 foo ', 'env 3 foo 3 []', 'UsingVariableNotSet', 'UsingVariableNotSet'
    }
}

Describe 'Classes of the script' {
    It 'have what their methods, properties and bases name, in the file and from elsewhere' {
        $code = '[Thing]::new().Go($_); [Thing]::Run(); ([Thing[]] @{}).P; [Late]::new().Go()'
        Invoke-Fresh @"
            `$script:setting = 'set'
            function Get-Helper(`$n) { "helper `$n" }
            function Get-BaseHelper { 'base' }
            function Get-Default { 'default' }
            Invoke-Expression 'class Late { [string] Go() { return Get-Helper late } }'
            class Base { [string] Inner() { return Get-BaseHelper } }
            class Thing : Base {
                [string] `$P = (Get-Default)
                [string] Go(`$n) {
                    return "`$(Get-Helper `$n) `$script:setting `$(`$this.Inner())"
                } static [string] Run() { return Get-Helper static }
            }
            `$late = [scriptblock]::Create('[Late]::new().Go()')
            (1 | ForEach-Object { [Thing]::new().Go(`$_); [Thing]::Run(); ([Thing[]] @{}).P; & `$late }) -join '|'
            (1 | Invoke-Concurrent { [Thing]::new().Go(`$_); [Thing]::Run(); ([Thing[]] @{}).P; & `$late }) -join '|'
"@ | Should -Be 'helper 1 set base|helper static|default|helper late', 'helper 1 set base|helper static|default|helper late'
    }
}

Describe 'A hashtable that holds script blocks' {
    It 'is the caller''s own, <Kind>' -ForEach @(
        @{
            Kind = 'synchronized'
            New = '[hashtable]::Synchronized(@{ go = { "go $x" }; in = [hashtable]::Synchronized(@{ deep = { "deep $x" } }) })'
        }
        @{ Kind = 'as it is'; New = '@{ go = { "go $x" }; in = @{ deep = { "deep $x" } } }' }
    ) {
        Invoke-Fresh @"
            `$x = 5; `$table = $New
            1..20 |
                Invoke-Concurrent {
                    `$table["k`$_"] = & `$table.go; `$table.in.Add("i`$_", (& `$table.in.deep)); `$table.Remove('nowhere')
                } -ThrottleLimit $(if ($Kind -eq 'synchronized') { 8 } else { 1 })
            "`$(`$table.Count) `$(`$table.k7) `$(`$table.in.Count) `$(`$table.in.i20)"
            1 | Invoke-Concurrent {
                (`$table.Keys | Where-Object { `$_ -notmatch '\d' } | Sort-Object) -join ' '
                `$table -is [hashtable]
                @(`$table.Values | Where-Object { `$_ -is [scriptblock] } | ForEach-Object { & `$_ })
            }
            1 | Invoke-Concurrent { `$table.go = { 'new' }; `$table.later = 1; & `$table.go }
            `$table.later
"@ | Should -Be '22 go 5 21 deep 5', 'go in', 'True', 'go 5', 'new', '1'
    }
}

Describe 'What runs' {
    It 'is what runs where the block is written: <Of>' -ForEach @(
        @{
            Of = '$MyInvocation'
            Code = '$i = $MyInvocation; "$($i.MyCommand.Name)|$($i.MyCommand.CommandType)|$($i.InvocationName)|' +
                '$($i.ScriptLineNumber)|$($i.BoundParameters.a)|$($i.UnboundArguments)"'
        }
        @{ Of = 'its block'; Code = '"$($MyInvocation.MyCommand.ScriptBlock)"' }
        @{
            Of = 'the frame of the block'
            Code = '$f = (Get-PSCallStack)[0]; "$($f.Command)|$($f.FunctionName)|$($f.ScriptLineNumber)|' +
                '$($f.InvocationInfo.MyCommand.ScriptBlock)"'
        }
        @{ Of = 'the frame of the block, seen by a function that it calls'; Code = 'Get-Caller' }
        @{ Of = 'the file'; Code = '"$PSCommandPath|$PSScriptRoot"' }
        @{
            Of = 'an error of its own'
            Code = 'Write-Error wrong -ErrorVariable e -ErrorAction SilentlyContinue; ' +
                '"$($e.FullyQualifiedErrorId)|$($e.InvocationInfo.PositionMessage)"'
        }
    ) {
        Set-Content "$TestDrive/running.ps1" @"
function Get-Caller {
    `$f = (Get-PSCallStack)[1]; "`$(`$f.Command)|`$(`$f.InvocationInfo.BoundParameters.a)|`$(`$f.InvocationInfo.MyCommand.ScriptBlock)"
}
function Test-Here(`$a) { 1 | & `$args[0] { $Code } }
`$both = 'ForEach-Object', 'Invoke-Concurrent'
foreach (`$c in `$both) { Test-Here -a 5 `$c more; 1 | & `$c { $Code } }
"@
        $inPlace, $inFile, $there, $thereInFile = @(Invoke-Fresh './running.ps1')
        $there.Replace('Invoke-Concurrent', 'ForEach-Object') | Should -Be $inPlace
        $thereInFile | Should -Be $inFile
        $there | Should -Not -BeNullOrEmpty
    }

    It 'has no block of the caller''s session' {
        $result = Invoke-Fresh @'
            function Test-Here([scriptblock] $do) {
                1 | Invoke-Concurrent {
                    $other = & $MyInvocation.BoundParameters.do
                    "$($other -eq [runspace]::DefaultRunspace.InstanceId)"
                }
            }
            Test-Here { [runspace]::DefaultRunspace.InstanceId }
'@
        $result | Should -Be 'True'
    }
}

Describe 'The variables of the pipeline' {
    It 'have for each item the values that they had when it came: <How>' -ForEach @(
        @{ How = 'in place'; Code = "ForEach-Object { `$n++; `"`$p `$q `$_`" }" }
        @{ How = 'in blocks'; Code = "Invoke-Concurrent -Ordered -ThrottleLimit 4 { `"`$p `$q `$_`" }" }
        @{ How = 'in one worker'; Code = "Invoke-Concurrent -Ordered -ThrottleLimit 1 { `"`$p `$q `$_`" }" }
        @{ How = 'in blocks with parts'; Code = "Invoke-Concurrent -Ordered { process { `"`$p `$q `$_`" } }" }
        @{ How = 'in functions that blocks call'; Code = 'Invoke-Concurrent -Ordered { Get-All $_ }' }
        @{
            How = 'in other attempts'
            Code = "Invoke-Concurrent -Ordered { if (`$AsyncContext.Attempt -lt 2) { throw 'again' }; `"`$p `$q `$_`" } " +
                '-RetryCount 1 -RetryDelay 0'
        }
        @{ How = 'in jobs'; Code = "Start-Throttled { `"`$p `$q `$_`" } | Receive-Job -Wait | Sort-Object" }
    ) {
        Invoke-Fresh @"
            function Get-All(`$item) { "`$p `$q `$item" }
            1..3 | ForEach-Object { `$_ * 10 } -PipelineVariable p | ForEach-Object { "item `$_" } -PipelineVariable q | $Code
"@ | Should -Be '10 item 10 item 10', '20 item 20 item 20', '30 item 30 item 30'
    }

    It 'have for a batch the values of its last object' {
        Invoke-Fresh '1..5 | ForEach-Object { $_ } -PipelineVariable p | Invoke-Concurrent -Ordered -BatchSize 2 { "$p of $_" }' |
            Should -Be '2 of 1 2', '4 of 3 4', '5 of 5'
    }

    It 'do not end the names of other variables' {
        Invoke-Fresh ('$p = 9; 1 | ForEach-Object { $_ } | Invoke-Concurrent { $p }; ' +
            '$p = 8; 1 | Invoke-Concurrent { $_ } -PipelineVariable p | ForEach-Object { "$p" }') |
            Should -Be '9', '1'
    }
}

Describe 'Default values of parameters' {
    It 'are those of the caller, and a block that sets one sets it for itself' {
        Invoke-Fresh @'
            function f { [CmdletBinding()] param($n) "$n" }
            $PSDefaultParameterValues = @{ 'f:n' = { 1 + 1 } }
            1 | Invoke-Concurrent { f; $PSDefaultParameterValues['f:n'] = 5; f }
            f
            $PSDefaultParameterValues.Count
'@ | Should -Be '2', '5', '2', '1'
    }

    It 'are in every worker what they are when the call begins' {
        Invoke-Fresh @'
            function f { [CmdletBinding()] param($n) "$n" }
            $PSDefaultParameterValues = @{ 'f:n' = 1 }
            1..4 | Invoke-Concurrent -ThrottleLimit 1 -UseNewRunspace { f } | ForEach-Object { $_; $PSDefaultParameterValues['f:n'] = 5 }
'@ | Should -Be '1', '1', '1', '1'
    }
}

Describe 'Assertions of Pester' {
    BeforeAll {
        # Runs tests in a new session, with a separate Pester.
        function Invoke-Inner([string] $Body) {
            $file = "$TestDrive/Inner.Tests.ps1"
            Set-Content $file "Describe d { It one { $Body }; It two { 1 | Should -Be 1 } }"
            $pester = (Get-Module Pester).Path
            Invoke-Fresh @"
                Import-Module '$pester'
                `$c = New-PesterConfiguration; `$c.Run.Path = '$file'; `$c.Run.PassThru = `$true; `$c.Output.Verbosity = 'None'
                (Invoke-Pester -Configuration `$c).Tests |
                    ForEach-Object {
                        "`$(`$_.Name) `$(`$_.Result) `$(`$_.ErrorRecord.FullyQualifiedErrorId) `$(`$_.ErrorRecord.Exception.Message)"
                    }
"@
        }
    }

    It 'end the call and fail the test, as in place: <_>' -ForEach @(
        '1..3 | ForEach-Object { $_ | Should -BeLessThan 3 }'
        '1..3 | Invoke-Concurrent { $_ | Should -BeLessThan 3 }'
        '1..3 | Invoke-Concurrent { $_ | Should -BeLessThan 3 } -FailFast -ThrottleLimit 2'
    ) {
        $one, $two = Invoke-Inner $_
        $one | Should -BeLike 'one Failed*Expected the actual value to be less than 3, but got 3.*'
        $two | Should -Be 'two Passed  '
    }

    It 'that hold let the test pass' {
        Invoke-Inner '1..3 | Invoke-Concurrent { $_ | Should -BeLessThan 4; $_ } | Should -HaveCount 3' |
            Should -Be 'one Passed  ', 'two Passed  '
    }

    It 'are errors like others where -ErrorAction says so' {
        Invoke-Inner '1..3 | Invoke-Concurrent { $_ | Should -BeLessThan 3; $_ } -ErrorAction SilentlyContinue | Should -HaveCount 2' |
            Should -Be 'one Passed  ', 'two Passed  '
    }
}

Describe 'Tables and arrays that hold script blocks' {
    It 'are the caller''s own: <_>' -ForEach '@{ do = { 1 } }', '[hashtable]::Synchronized(@{ do = { 1 } })', '[ordered]@{ do = { 1 } }' {
        Invoke-Fresh @"
            `$t = $_
            1..3 | Invoke-Concurrent { `$t.last = `$_; `$t["n`$_"] = (& `$t.do) + `$_; `$t['do'].ToString() } -ThrottleLimit 1
            "`$(`$t.last) `$(`$t.n1) `$(`$t.n2) `$(`$t.n3) `$(`$t.Count)"
"@ | Should -Be ' 1 ', ' 1 ', ' 1 ', '3 2 3 4 5'
    }

    It 'keep their order, and have elements by place' {
        Invoke-Fresh @'
            $o = [ordered]@{ z = { 'first' }; a = 2; m = 3 }
            1 | Invoke-Concurrent {
                $o.Keys -join ' '
                & $o[0]
                $o[1]
                $o.Insert(1, 'i', 5)
                $o.Remove('m')
                $o.GetEnumerator() | ForEach-Object Key
                $o.Contains('i')
            }
            $o.Keys -join ' '
'@ | Should -Be 'z a m', 'first', '2', 'z', 'i', 'a', 'True', 'z i a'
    }

    It 'run their blocks in the worker' {
        Invoke-Fresh @'
            $o = [ordered]@{ where = { [runspace]::DefaultRunspace.InstanceId } }
            1 | Invoke-Concurrent { (& $o.where) -eq [runspace]::DefaultRunspace.InstanceId }
'@ | Should -Be 'True'
    }

    It 'are the caller''s own if they are arrays too: <_>' -ForEach @(
        '{ 1 }, { 2 }', '[scriptblock[]] ({ 1 }, { 2 })', '({ 1 }, { 2 }, @(5))'
    ) {
        Invoke-Fresh @"
            `$steps = $_
            1 | Invoke-Concurrent { foreach (`$s in `$steps[0, 1]) { & `$s } } -WarningVariable w
            `$w.Count
            1 | Invoke-Concurrent {
                `$steps[0] = { 3 }; & `$steps[0]
                `$steps.Length -eq `$steps.Count
                `$a, `$b = `$steps; & @(`$b)[0]
                (`$steps + 7)[-1]
                @(`$steps)[1].ToString()
            }
            & `$steps[0]
"@ | Should -Be '1', '2', '0', '3', 'True', '2', '7', ' 2 ', '3'
    }

    It 'run the blocks of arrays in the worker: <_>' -ForEach @(
        '& $x[0]', '. $x[0]', '$x[0].Invoke()', '$x | ForEach-Object { & $_ }', 'f $x', '$x.ForEach({ & $_ })', '& $t.x[0]'
    ) {
        Invoke-Fresh @"
            function f([scriptblock[]] `$blocks) { & `$blocks[0] }
            `$x = @({ [runspace]::DefaultRunspace.InstanceId })
            `$t = @{ x = `$x }
            1 | Invoke-Concurrent { "`$($_)" -eq [runspace]::DefaultRunspace.InstanceId }
"@ | Should -Be 'True'
    }

    It 'are as they are however they come in, which a warning says: <Way>' -ForEach @(
        @{ Way = '$using:'; Call = '1 | Invoke-Concurrent { & ($using:x)[0] }'; What = '$using:x' }
        @{ Way = '$using: of a member'; Call = '1 | Invoke-Concurrent { & ($using:t.x)[0] }'; What = '$using:t.x' }
        @{ Way = '-Variable'; Call = '1 | Invoke-Concurrent { & $v[0] } -Variable @{ v = $x }'; What = '$v' }
        @{ Way = '-Variable without capture'; Call = '1 | Invoke-Concurrent { & $v[0] } -Variable @{ v = $x } -NoCapture'; What = '$v' }
        @{
            Way = 'a variable of a module'
            Call = 'Import-Module ./Stray; Set-Step $x; 1 | Invoke-Concurrent { Step }'
            What = '$script:steps'
        }
        @{ Way = 'a dynamic module'; What = '$own'; Call = @'
            $null = New-Module D { param($own) function Own { & $own[0] } } -ArgumentList (, $x); 1 | Invoke-Concurrent { Own }
'@ }
        @{ Way = 'input'; Call = ', $x | Invoke-Concurrent { & $_[0] }'; What = 'the input' }
        @{ Way = 'input of a job'; Call = ', $x | Start-Throttled { & $_[0] } | Receive-Job -Wait -AutoRemoveJob'; What = 'the input' }
        @{ Way = 'an argument'; Call = '1 | Invoke-Concurrent { & $args[0][0] } -ArgumentList (, $x)'; What = 'the argument' }
        @{ Way = 'a queue'; What = 'the input'; Call = @'
            $q = New-AsyncQueue; , $x | Write-AsyncQueue $q; Complete-AsyncQueue $q; Invoke-Concurrent -InputStream $q { & $_[0] }
'@ }
        @{ Way = 'a job'; Call = 'Start-Throttled { & ($using:x)[0] } | Receive-Job -Wait -AutoRemoveJob'; What = '$using:x' }
    ) {
        New-TestModule Stray 'function Set-Step($to) { $script:steps = $to }; function Step { & $script:steps[0] }'
        Invoke-Fresh @"
            `$x = [Collections.Generic.List[object]] ({ 'called' }, { 2 })
            `$t = @{ x = `$x }
            . { $Call } 3>&1 | ForEach-Object { "`$_" }
"@ | Should -Be ("The List in $What holds script blocks. They belong to your session, and a worker that calls one runs it there, beside " +
            'whatever else runs. Keep script blocks that workers are to call in variables, or in hashtables or arrays in variables.'),
            'called'
    }

    It 'of the input stay yours, whatever holds them, which a warning says: <Value>' -ForEach @(
        @{ Value = '{ 1 }'; What = 'input' }
        @{ Value = '@{ a = { 1 } }'; What = 'Hashtable in the input' }
        @{ Value = '@({ 1 }, 2)'; What = 'Object[] in the input' }
        @{ Value = '[pscustomobject] @{ a = { 1 } }'; What = 'property a of the input' }
    ) {
        Invoke-Fresh @"
            `$a = $Value
            `$b = $Value
            `$a, `$b | Invoke-Concurrent { `$x = `$_; if (`$x) { } else { & `$x } } -WarningVariable w -WarningAction SilentlyContinue
            "`$w"
            , `$a | Invoke-Concurrent { `$_ | Out-Null } -WarningVariable w
            `$w.Count
"@ | Should -Be ("The $What holds script blocks. They belong to your session, and a worker that calls one runs it there, beside " +
            'whatever else runs. Keep script blocks that workers are to call in variables, or in hashtables or arrays in variables.'), '0'
    }

    It 'are as they are where no view is possible, which a warning says: <Value>' -ForEach @(
        @{ Value = '[Collections.Generic.List[object]] ({ 1 }, { 2 })'; Call = '& $x[0]'; What = 'List in $x' }
        @{ Value = '[Collections.ArrayList] ({ 1 }, { 2 })'; Call = '$x | ForEach-Object { & $_ }'; What = 'ArrayList in $x' }
        @{ Value = '[Collections.Generic.Dictionary[string, object]]::new(); $x.a = { 1 }'; Call = '. $x.a'; What = 'Dictionary in $x' }
        @{ Value = '[pscustomobject] @{ Name = 1; Go = { 1 } }'; Call = '$x.Go.Invoke()'; What = 'property Go of $x' }
    ) {
        Invoke-Fresh @"
            `$x = $Value
            1 | Invoke-Concurrent { if (`$x) { } else { $Call } } -WarningVariable w -WarningAction SilentlyContinue
            "`$w"
            1 | Invoke-Concurrent { `$x | Out-Null } -WarningVariable w
            `$w.Count
"@ | Should -Be ("The $What holds script blocks. They belong to your session, and a worker that calls one runs it there, beside " +
            'whatever else runs. Keep script blocks that workers are to call in variables, or in hashtables or arrays in variables.'), '0'
    }
}

Describe 'Modules that blocks import' {
    It 'have in each call the global variables that their import sets' {
        New-TestModule Lit '$global:lit = "fast"; function Get-Lit { "lit=$global:lit" }'
        Invoke-Fresh @'
            foreach ($n in 1..20) { 1..2 | Invoke-Concurrent { Import-Module ./Lit; Get-Lit } -ThrottleLimit 1 }
            1 | Invoke-Concurrent { "left=$global:lit" }
'@ | Should -Be (@('lit=fast') * 40 + 'left=')
    }
}
