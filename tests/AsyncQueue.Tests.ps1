#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'New-AsyncQueue' {
    It 'makes a queue of each kind' -ForEach @(
        @{ Kind = 'Fifo'; Expected = 'b', 'c', 'a' }
        @{ Kind = 'Lifo'; Expected = 'a', 'c', 'b' }
        @{ Kind = 'Priority'; Expected = 'a', 'b', 'c' }
    ) {
        $queue = New-AsyncQueue -Kind $Kind
        'b', 'c', 'a' | ForEach-Object { Write-AsyncQueue $queue $_ -Priority ([int][char] $_) }
        Read-AsyncQueue $queue -NoWait | Should -Be $Expected
    }

    It 'refuses a capacity below 1' {
        { New-AsyncQueue -Capacity 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'shows itself as a table with live figures' {
        $queue = New-AsyncQueue -Capacity 9 -Name jobs
        1..3 | Write-AsyncQueue $queue
        $null = Read-AsyncQueue $queue -Count 1
        $table = $queue | Out-String -Width 200
        $table | Should -Match 'Name\s+Kind\s+State\s+Count\s+Capacity\s+InFlight\s+Finished'
        $table | Should -Match 'jobs\s+Fifo\s+Open\s+2\s+9\s+0\s+1'
    }
}

Describe 'Write-AsyncQueue' {
    It 'says full with -NoWait' {
        $queue = New-AsyncQueue 1
        1, 2 | Write-AsyncQueue $queue -NoWait -ErrorVariable full -ErrorAction SilentlyContinue
        $full.TargetObject | Should -Be 2
        $full[0].Exception.Message | Should -BeLike '*is full*'
    }

    It 'waits no longer than -Timeout <_>' -ForEach 0.05, '50ms', ([TimeSpan]::FromMilliseconds(50)) {
        $queue = New-AsyncQueue 1
        1, 2 | Write-AsyncQueue $queue -Timeout $_ -ErrorVariable late -ErrorAction SilentlyContinue
        $late[0].FullyQualifiedErrorId | Should -BeLike 'QueueWriteTimeout,*'
    }

    It 'refuses -Timeout with -NoWait' {
        { Write-AsyncQueue (New-AsyncQueue) 1 -NoWait -Timeout 1 } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }

    It 'names the parameter and its forms for nonsense' {
        { Write-AsyncQueue (New-AsyncQueue) 1 -Timeout soon } | Should -Throw "*'Timeout'*500ms*"
    }

    It 'fails on a completed queue' {
        $queue = New-AsyncQueue -Name closed
        Complete-AsyncQueue $queue
        { 1 | Write-AsyncQueue $queue } | Should -Throw "*'closed' is completed*" -ErrorId 'QueueCompleted,*'
    }
}

Describe 'Read-AsyncQueue' {
    It 'leaves the rest to others with Select-Object -First' {
        $queue = New-AsyncQueue
        1..5 | Write-AsyncQueue $queue
        Read-AsyncQueue $queue | Select-Object -First 2 | Should -Be 1, 2
        $queue.Finished, $queue.InFlight, $queue.Count | Should -Be 2, 0, 3
    }

    It 'puts the item back on which the pipeline fails' {
        $queue = New-AsyncQueue
        1..5 | Write-AsyncQueue $queue
        { Read-AsyncQueue $queue | ForEach-Object { if ($_ -eq 3) { throw 'no' } } } | Should -Throw 'no'
        Read-AsyncQueue $queue -NoWait | Should -Be 3, 4, 5
    }

    It 'takes several queues one after another' {
        $first = New-AsyncQueue
        $second = New-AsyncQueue
        1, 2 | Write-AsyncQueue $first
        3 | Write-AsyncQueue $second
        $first, $second | Complete-AsyncQueue
        $first, $second | Read-AsyncQueue | Should -Be 1, 2, 3
    }

    It 'shares with jobs' {
        $queue = New-AsyncQueue
        $job = Start-ThreadJob {
            Import-Module $using:PSScriptRoot/../output/AsyncPs; 1..5 | Write-AsyncQueue $using:queue; Complete-AsyncQueue $using:queue
        }
        Read-AsyncQueue $queue | Should -Be (1..5)
        $job | Receive-Job -Wait -AutoRemoveJob
    }

    It 'gives envelopes with -ManualAck' {
        $queue = New-AsyncQueue
        'a' | Write-AsyncQueue $queue
        $item = Read-AsyncQueue $queue -Count 1 -ManualAck
        $item.Value, $item.DeliveryCount, $item.IsSettled | Should -Be 'a', 1, $false
        $item.Nack()
        $item = Read-AsyncQueue $queue -Count 1 -ManualAck
        $item.DeliveryCount | Should -Be 2
        $item.Ack()
        { $item.Ack() } | Should -Throw '*before*'
    }
}

Describe 'Complete-AsyncQueue' {
    It 'gives readers an error given as <Name>' -ForEach @(
        @{ Name = 'an exception'; Value = [IO.IOException]::new('lost') }
        @{ Name = 'a message'; Value = 'lost' }
        @{
            Name = 'an error record'
            Value = [Management.Automation.ErrorRecord]::new([IO.IOException]::new('lost'), 'Lost', 'ReadError', 1)
        }
    ) {
        $queue = New-AsyncQueue
        1 | Write-AsyncQueue $queue
        Complete-AsyncQueue $queue -Error $Value
        Read-AsyncQueue $queue -Count 1 | Should -Be 1
        { Read-AsyncQueue $queue } | Should -Throw 'lost'
    }

    It 'ends a queue that its consumers feed' {
        $queue = New-AsyncQueue
        Write-AsyncQueue $queue 4
        Complete-AsyncQueue $queue -WhenDone
        Read-AsyncQueue $queue | ForEach-Object { $_; if ($_ -gt 1) { Write-AsyncQueue $queue ($_ - 1) } } | Should -Be 4, 3, 2, 1
    }
}

Describe 'Wait-AsyncQueue' {
    It 'returns at once when nothing is unfinished' {
        New-AsyncQueue | Wait-AsyncQueue -Timeout 0 -ErrorVariable late
        $late | Should -BeNullOrEmpty
    }

    It 'says how many items are unfinished after -Timeout' {
        $queue = New-AsyncQueue
        1..3 | Write-AsyncQueue $queue
        Wait-AsyncQueue $queue 10ms -ErrorVariable late -ErrorAction SilentlyContinue
        $late[0].Exception.Message | Should -BeLike '*3 unfinished items*'
    }
}

Describe 'Clear-AsyncQueue' {
    It 'drops what waits, but not with -WhatIf' {
        $queue = New-AsyncQueue
        1..3 | Write-AsyncQueue $queue
        Clear-AsyncQueue $queue -WhatIf
        $queue.Count | Should -Be 3
        Clear-AsyncQueue $queue
        $queue.Count | Should -Be 0
        Wait-AsyncQueue $queue
    }
}
