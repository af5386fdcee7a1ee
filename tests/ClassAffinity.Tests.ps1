#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Objects of PowerShell classes in blocks: a warning where their methods would run in the caller's session, once for each class.
# Each script runs in a new session, with new classes.
BeforeAll {
    $output = (Resolve-Path "$PSScriptRoot/../output").Path

    function Get-WarningOf([string] $Script) {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$output/AsyncPs'").AddStatement().AddScript($Script).Invoke()
            $shell.Streams.Error | Should -BeNullOrEmpty
            $shell.Streams.Warning | ForEach-Object { "$_" }
        }
        finally {
            $shell.Dispose()
        }
    }
}

Describe 'A PowerShell class' {
    It 'has a warning where a block calls a method: <name>' -ForEach @(
        @{ Name = 'a variable'; Script = '$o = [Bound]::new(); 1 | Invoke-Concurrent { $o.Go() }' }
        @{ Name = '$using:'; Script = '$o = [Bound]::new(); 1 | Invoke-Concurrent { ($using:o).Go() }' }
        @{ Name = '-Variable'; Script = '1 | Invoke-Concurrent -Variable @{ o = [Bound]::new() } { $o.Go() }' }
        @{ Name = 'an argument'; Script = '1 | Invoke-Concurrent { $args[0].Go() } -ArgumentList ([Bound]::new())' }
        @{ Name = 'an input object'; Script = '1, [Bound]::new() | Invoke-Concurrent { if ($_ -isnot [int]) { $_.Go() } }' }
        @{ Name = 'in a table'; Script = '$t = @{ o = [Bound]::new() }; 1 | Invoke-Concurrent { $t.o.Go() }' }
        @{ Name = 'in an array'; Script = '$t = [Bound]::new(), [Bound]::new(); 1 | Invoke-Concurrent { $t[1].Go() }' }
        @{ Name = 'in an array of the class'; Script = '$t = [Bound[]] ([Bound]::new()); 1 | Invoke-Concurrent { $t[0].Go() }' }
        @{ Name = 'by way of a function'; Script = 'function go($x) { $x.Go() }; $o = [Bound]::new(); 1 | Invoke-Concurrent { go $o }' }
        @{ Name = 'a job'; Script = '[Bound]::new() | Start-Throttled { $_.Go() } | Receive-Job -Wait' }
        @{ Name = 'a base class'; Script = '$o = [Derived]::new(); 1 | Invoke-Concurrent { $o.Go() }' }
    ) {
        $warning = Get-WarningOf "class Bound { [int] Go() { return 1 } }; class Derived : Bound { }; $Script"
        @($warning).Count | Should -Be 1
        $warning | Should -Match "The method 'Go' of the class '\w+'.*\[NoRunspaceAffinity\(\)\]"
    }

    It 'has it once' {
        $code = 'foreach ($i in 1..3) { [Bound]::new(), [Bound]::new() | Invoke-Concurrent { $_.Go() } }'
        @(Get-WarningOf "class Bound { [int] Go() { return 1 } }; $code").Count |
            Should -Be 1
    }

    It 'has none: <name>' -ForEach @(
        @{
            Name = 'it says that it has no affinity'
            Script = '[NoRunspaceAffinity()] class Free { [int] Go() { return 1 } }; [Free]::new() | Invoke-Concurrent { $_.Go() }'
        }
        @{
            Name = 'no method is called'
            Script = 'class Data { [int] $N = 1; [int] Go() { return 1 } }; [Data]::new() | Invoke-Concurrent { $_.N }'
        }
        @{ Name = 'the method is one of .NET'; Script = 'class Data { [int] $N = 1 }; [Data]::new() | Invoke-Concurrent { $_.ToString() }' }
        @{
            Name = 'the object is made in the block'
            Script = 'class Own { [int] Go() { return 1 } }; 1 | Invoke-Concurrent { [Own]::new().Go() }'
        }
        @{ Name = 'the object is one of .NET'; Script = '[Text.StringBuilder]::new() | Invoke-Concurrent { $_.Append(1) }' }
    ) {
        Get-WarningOf $Script | Should -BeNullOrEmpty
    }
}
