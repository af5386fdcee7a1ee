#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Short items go to child processes in batches: each is still an item of its own.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-Module "$PSScriptRoot/../output/AsyncPs/AsyncPs.psd1"
}

AfterAll {
    Remove-Module AsyncPs -ErrorAction Ignore
}

Describe 'Short items in child processes' {
    It 'all come back, once each, and in order with -Ordered' {
        $expected = 1..5000 | ForEach-Object { $_ * 2 }
        1..5000 | Invoke-Concurrent { $_ * 2 } -Process 2 -Ordered | Should -Be $expected
        1..5000 | Invoke-Concurrent { $_ * 2 } -Process 2 | Sort-Object | Should -Be $expected
    }

    It 'keep what each has written, in all streams' {
        $there = 1..600 | Invoke-Concurrent {
            "a$_"
            if ($_ % 3 -eq 0) { Write-Error "e$_" }
            , @($_, $null)
            if ($_ % 7 -eq 0) { throw "t$_" }
        } -Process 2 -AsResult | Sort-Object Index
        $there.Count | Should -Be 600
        $there.Worker | ForEach-Object { $_ | Should -Match '^process \d+$' }
        foreach ($result in $there) {
            $i = $result.Input
            "$($result.Index)" | Should -Be "$($i - 1)"
            $result.Output.Count | Should -Be 2
            $result.Output[0] | Should -Be "a$i"
            "$($result.Output[1])" | Should -Be "$i "
            $errors = @(if ($i % 3 -eq 0) { "e$i" }; if ($i % 7 -eq 0) { "t$i" })
            "$($result.Error)" | Should -Be "$errors"
            "$($result.Status)" | Should -Be $(if ($errors) { 'Failed' } else { 'Succeeded' })
        }
    }

    It 'write warnings between their output, of each item in order' {
        $there = 1..300 | Invoke-Concurrent { "a$_"; Write-Warning "w$_"; "b$_" } -Process 2 -Ordered *>&1 | ForEach-Object { "$_" }
        $there | Should -Be (1..300 | ForEach-Object { "a$_", "w$_", "b$_" })
    }

    It 'are tried again each by itself' {
        $there = 1..1000 | Invoke-Concurrent {
            if ($_ % 7 -eq 0 -and $AsyncContext.Attempt -eq 1) { 'dropped'; throw 'again' }
            "$_ $($AsyncContext.Attempt)"
        } -Process 2 -RetryCount 1 -RetryDelay 1ms -Ordered
        $there | Should -Be (1..1000 | ForEach-Object { "$_ $(if ($_ % 7 -eq 0) { 2 } else { 1 })" })
    }

    It 'have the caller judge each failure by itself' {
        $there = 1..200 | Invoke-Concurrent { if ($AsyncContext.Attempt -eq 1) { throw "no $_" }; $_ } -Process 2 -RetryCount 1 `
            -RetryDelay 1ms -RetryOn { "$_" -match '[05]$' } -ErrorAction SilentlyContinue -ErrorVariable failed
        $there | Sort-Object | Should -Be (1..200 | Where-Object { $_ % 5 -eq 0 })
        $failed.Count | Should -Be 160
    }

    It 'end alone when their time is over' {
        $there = 1..200 | Invoke-Concurrent { if ($_ -eq 100) { Start-Sleep 600 }; $_ } -Process 1 -ItemTimeout 6 -AsResult
        @($there | Where-Object Status -eq TimedOut).Input | Should -Be 100
        @($there | Where-Object Status -eq Succeeded).Count | Should -Be 199
    }

    It 'end with the call, told apart' {
        $there = [Collections.Generic.List[object]]::new()
        {
            1..1000000 | Invoke-Concurrent { if ($_ -eq 300) { Start-Sleep 600 }; $_ } -Process 2 -AsResult -Timeout 8 |
                ForEach-Object { $there.Add($_) }
        } | Should -Throw -ErrorId 'CallTimedOut,*'
        $there.Index | Sort-Object | Should -Be (0..($there.Count - 1))
        @($there | Where-Object Status -eq Failed).Count | Should -Be 0
        @($there | Where-Object Status -ne Succeeded).Input | Should -Contain 300
    }

    It 'stop at the first failure, and with Select-Object -First' {
        { 1..20000 | Invoke-Concurrent { if ($_ -eq 5000) { throw 'no' }; $_ } -Process 2 -FailFast } |
            Should -Throw '*no*' -ErrorId 'FailFast,*'
        1..1000000 | Invoke-Concurrent { $_ } -Process 2 -Ordered | Select-Object -First 2000 |
            Measure-Object -Sum | ForEach-Object Sum | Should -Be 2001000
    }

    It 'come from a queue that is filled meanwhile' {
        $queue = New-AsyncQueue -Capacity 100
        $job = Start-Throttled { 1..3000 | Write-AsyncQueue $queue; Complete-AsyncQueue $queue }
        Invoke-Concurrent { $_ * 2 } -InputStream $queue -Process 2 | Sort-Object | Should -Be (1..3000 | ForEach-Object { $_ * 2 })
        $job | Receive-Job -Wait -AutoRemoveJob
    }

    It 'are not taken from a queue before their turn while they are long' {
        $queue = New-AsyncQueue
        1..20 | Write-AsyncQueue $queue
        Complete-AsyncQueue $queue
        $left = $null
        Invoke-Concurrent { $_; Start-Sleep -Milliseconds 300 } -InputStream $queue -Process 1 -Timeout 120 |
            Select-Object -First 4 | ForEach-Object { $left = $queue.Count }
        $left | Should -BeGreaterThan 12
    }

    It 'take only what a process that dies had, of a batch' {
        $mark = "$TestDrive/died-$(New-Guid)"
        $failed = $null
        $there = 1..4000 | Invoke-Concurrent {
            if ($_ -eq 3000 -and -not (Test-Path $mark)) { $null = New-Item $mark; [Environment]::Exit(3) }
            $_
        } -Process 2 -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Count | Should -BeLessOrEqual 64
        $failed.FullyQualifiedErrorId | Select-Object -Unique | Should -BeLike 'WorkerLost,*'
        $failed.TargetObject | Should -Contain 3000
        @($there) + @($failed.TargetObject) | Sort-Object | Should -Be (1..4000)
    }

    It 'run again, with -RetryLost, and only one of them is to blame' {
        $failed = $null
        $there = 1..3000 | Invoke-Concurrent { if ($_ -eq 2000) { [Environment]::Exit(3) }; $_ } -Process 2 -RetryLost `
            -ErrorVariable failed -ErrorAction SilentlyContinue
        $there | Sort-Object | Should -Be (1..3000 | Where-Object { $_ -ne 2000 })
        $failed.TargetObject | Should -Be 2000
    }
}

Describe 'A process that is frozen' {
    It 'is taken for lost' -Skip:$IsWindows {
        $mark = "$TestDrive/frozen-$(New-Guid)"
        $failed = $null
        $there = 1..3 | Invoke-Concurrent {
            if ($_ -eq 2) { Set-Content $mark $PID; /bin/kill -STOP $PID; Start-Sleep 600 }
            $_
        } -Process 1 -HeartbeatTimeout 5 -Timeout 300 -ErrorVariable failed -ErrorAction SilentlyContinue
        $there | Sort-Object | Should -Be 1, 3
        $failed.Count | Should -Be 1
        "$($failed[0])" | Should -BeLike '*no heartbeat for 5 s*'
        $id = [int] (Get-Content $mark)
        Wait-Until { -not (Get-Process -Id $id -ErrorAction Ignore) }
    }

    It 'is not one that works for long without a word, or whose output waits' {
        1 | Invoke-Concurrent { Start-Sleep 4; 'done' } -Process 1 -HeartbeatTimeout 3 | Should -Be done
        1 | Invoke-Concurrent { 1..6000 } -Process 1 -HeartbeatTimeout 3 | ForEach-Object { if ($_ -eq 1) { Start-Sleep 4 }; $_ } |
            Measure-Object | ForEach-Object Count | Should -Be 6000
    }
}
