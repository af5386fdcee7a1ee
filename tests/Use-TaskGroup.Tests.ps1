#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'Use-TaskGroup' {
    AfterEach {
        Get-Job | Should -BeNullOrEmpty
    }

    It 'writes what its jobs write, in the order of starting' {
        Use-TaskGroup {
            Start-Throttled { Start-Sleep -Milliseconds 100; 'slow' }
            $quick = Start-Throttled { 'quick' }
        } | Should -Be 'slow', 'quick'
        $quick.State | Should -Be Completed
    }

    It 'runs its block where the caller is' {
        $n = 1
        Use-TaskGroup { $n++ }
        $n | Should -Be 2
    }

    It 'stops the rest at the first failure, and carries it' {
        $file = Join-Path $TestDrive 'cleaned'
        {
            Use-TaskGroup {
                Start-Throttled { try { 'x' > "$file.on"; Start-Sleep 60 } finally { 'x' > $file } }
                while (-not (Test-Path "$file.on")) { Start-Sleep -Milliseconds 5 }
                Start-Throttled { Get-Item ./no-such-file -ErrorAction Stop }
                Start-Sleep 60
            }
        } | Should -Throw -ErrorId 'TaskGroupFailed,*' -ExceptionType ([AggregateException])
        $file | Should -Exist
    }

    It 'lets catch filter by the type of the first failure' {
        $caught = try {
            Use-TaskGroup { Start-Throttled { Get-Item ./no-such-file -ErrorAction Stop } }
        } catch [System.Management.Automation.ItemNotFoundException] { 'by type' }
        $caught | Should -Be 'by type'
    }

    It 'goes on with -OnError Continue' {
        $results = Use-TaskGroup -OnError Continue -ErrorVariable failed -ErrorAction SilentlyContinue {
            1..4 | Start-Throttled { if ($_ % 2) { throw "odd $_" }; $_ }
        }
        $results | Should -Be 2, 4
        $failed.Exception.InnerExceptions | Should -HaveCount 2
    }

    It 'ends in time' {
        { Use-TaskGroup -Timeout 100ms { Start-Throttled { Start-Sleep 60 } } } |
            Should -Throw -ErrorId 'TaskGroupTimedOut,*' -ExceptionType ([TimeoutException])
    }

    It 'ends with the pipeline' {
        Use-TaskGroup { Start-Throttled { 1; Start-Sleep 60 } } | Select-Object -First 1 | Should -Be 1
    }

    It 'passes warnings and errors on' {
        $written = Use-TaskGroup { Start-Throttled { Write-Warning 'w'; Write-Error 'e'; 'o' } } 2>&1 3>&1
        $written | ForEach-Object ToString | Sort-Object | Should -Be 'e', 'o', 'w'
    }
}
