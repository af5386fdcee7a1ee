#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

Describe 'Register-ShutdownAction' {
    BeforeAll {
        . "$PSScriptRoot/Helpers.ps1"
        $module = "$PSScriptRoot/../output/AsyncPs"
        function Invoke-Script([string] $Script) {
            & $pwsh @pwshArguments -Command "Import-Module '$module'; $Script"
        }
    }

    It 'runs at the exit of the process, the last that was registered first' {
        Invoke-Script 'Register-ShutdownAction { Write-Host one }; Register-ShutdownAction { Write-Host two }; "script"; exit' |
            Should -Be 'script', 'two', 'one'
    }

    It 'runs when the module is removed, once' {
        Invoke-Script '$x = 5; Register-ShutdownAction { Write-Host $x }; Remove-Module AsyncPs; "removed"' | Should -Be '5', 'removed'
    }

    It 'runs at SIGTERM' -Skip:$IsWindows {
        $script = "Import-Module '$module'; Register-ShutdownAction { [Console]::Out.WriteLine('action') }; " +
            "[Console]::Out.WriteLine('started'); while (`$true) { Start-Sleep 1 }"
        $start = [Diagnostics.ProcessStartInfo]::new($pwsh, [string[]]($pwshArguments + '-Command' + $script))
        $start.RedirectStandardOutput = $true
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardOutput.ReadLine() | Should -Be started
        kill -TERM $process.Id
        $process.StandardOutput.ReadLine() | Should -Be action
        $process.WaitForExit(60000) | Should -BeTrue
    }
}
