#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
    . "$PSScriptRoot/Helpers.ps1"
}

Describe 'Wait-WithTimeout' {
    It 'writes the results of jobs of any kind in input order' {
        $jobs = (Start-ThreadJob { Start-Sleep -Milliseconds 100; 1 }), (Start-Throttled { 2 }), (Start-Job { 3 })
        $results = $jobs | Wait-WithTimeout -Timeout 60 -ErrorVariable errors
        $errors | Should -BeNullOrEmpty
        $results | Should -Be 1, 2, 3
        $jobs | Remove-Job
    }

    It 'runs blocks that see their caller' {
        $value = 20
        Wait-WithTimeout { $value + 1 }, { $value + 2 } 60 | Should -Be 21, 22
    }

    It 'stops a block that is late, with an error that names it' {
        { Wait-WithTimeout { Start-Sleep 60 } 50ms -ErrorAction Stop } |
            Should -Throw '*Start-Sleep 60*' -ExceptionType ([TimeoutException]) -ErrorId 'WaitTimeout,*'
    }

    It 'stops a job that is late, and leaves one running with -KeepRunning' {
        $job = Start-ThreadJob { Start-Sleep 60 }
        while ($job.State -eq 'NotStarted') { Start-Sleep -Milliseconds 10 }
        Wait-WithTimeout $job 50ms -KeepRunning -Default late | Should -Be late
        $job.State | Should -Be Running
        Wait-WithTimeout $job 50ms -Default late | Should -Be late
        $job.State | Should -Be Stopped
        Remove-Job $job
    }

    It 'writes the first to end as an object' {
        $first = Wait-WithTimeout { Start-Sleep 60 }, { 'fast' } -Any -CancelRest
        $first.Index, $first.Status, $first.Output | Should -Be 1, Succeeded, fast
        $first.Pending | Should -BeNullOrEmpty
        $first | Format-Table | Out-String -Width 80 | Should -Match '1 Succeeded'
    }

    It 'only looks with a time-out of 0' {
        Wait-WithTimeout ([Threading.Tasks.Task]::Delay(60000)) 0 -Default 'not yet' | Should -Be 'not yet'
        Wait-WithTimeout ([Threading.Tasks.Task]::FromResult(5)) 0 | Should -Be 5
    }

    It 'writes the streams of blocks to its own' {
        $all = Wait-WithTimeout {
            Write-Warning w; Write-Host h; Write-Error e; 'o'
        } -WarningVariable warned -WarningAction SilentlyContinue -ErrorVariable failed -ErrorAction SilentlyContinue 6>$null
        $all | Should -Be o
        $warned | Should -Be w
        "$failed" | Should -Be e
    }

    It 'waits for a process' {
        $process = [Diagnostics.Process]::Start($pwsh, [string[]]($pwshArguments + '-Command', 'exit 3'))
        (Wait-WithTimeout $process 60).ExitCode | Should -Be 3
    }
}
