#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Code that waits for itself must fail at once, and code that only looks like it must work. Each script runs in a new session, which is
# abandoned if it hangs.
BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
    $script:modules = "$PSScriptRoot/../output/AsyncPs", "$PSScriptRoot/../output/AsyncPs.Data"

    function script:Invoke-Bounded([string] $Script, [int] $Seconds = 30) {
        $session = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
        $session.Open()
        $null = [powershell]::Create($session).AddCommand('Import-Module').AddParameter('Name', $script:modules).Invoke()
        $shell = [powershell]::Create($session).AddScript($Script)
        $run = $shell.BeginInvoke()
        if (-not $run.AsyncWaitHandle.WaitOne([timespan]::FromSeconds($Seconds))) {
            $null = $shell.BeginStop($null, $null)
            throw "It hangs: $Script"
        }

        try { $output = @($shell.EndInvoke($run)) } catch { $output = @(); $thrown = $_.Exception.InnerException.ErrorRecord }
        $failures = @($shell.Streams.Error) + @($thrown) | Where-Object { $_ } | ForEach-Object {
            $_.Exception -is [AsyncPs.Concurrency.ConcurrentFailureException] ? $_.Exception.ErrorRecords : $_
        }
        # Receive-Job says of a job that has failed that its state is Failed; what it has failed with is the exception.
        $ids = $failures | ForEach-Object {
            $own = $_.Exception -as [Management.Automation.IContainsErrorRecord]
            ($_.FullyQualifiedErrorId -like 'JobStateFailed,*' -and $own ? $own.ErrorRecord : $_).FullyQualifiedErrorId.Split(',')[0]
        }
        [pscustomobject]@{ Output = $output; Id = @($ids) }
        $session.Dispose()
    }
}

Describe 'A wait for oneself' {
    It 'is the error <Id>: <Name>' -ForEach @(
        @{ Id = 'ThrottleWaitsForItself'; Name = 'Use-Throttle in itself'
            Script = '$t = New-Throttle 1; Use-Throttle $t { Use-Throttle $t { 1 } }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'Use-Throttle twice in itself, limit 2'
            Script = '$t = New-Throttle 2; Use-Throttle $t { Use-Throttle $t { Use-Throttle $t { 1 } } }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = '-Throttle in an item that has the permit'
            Script = '$t = New-Throttle 1; 1 | Invoke-Concurrent -Throttle $t { 1 | Invoke-Concurrent -Throttle $t { 1 } }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'Use-Throttle in an item that has the permit'
            Script = '$t = New-Throttle 1; 1 | Invoke-Concurrent -Throttle $t { Use-Throttle $t { 1 } }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = '-Throttle in a block that has the permit'
            Script = '$t = New-Throttle 1; Use-Throttle $t { 1 | Invoke-Concurrent -Throttle $t { 1 } }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'Use-Throttle three calls deep'
            Script = '$t = New-Throttle 1; Use-Throttle $t {
                1 | Invoke-Concurrent { 1 | Invoke-Concurrent { 1 | Invoke-Concurrent { Use-Throttle $t { 1 } } } }
            }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'a request with -Throttle'
            Script = '$t = New-Throttle 1; Use-Throttle $t { "http://127.0.0.1:1" | Invoke-Concurrent -Uri { $_ } -Throttle $t }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'a second attempt'
            Script = '$t = New-Throttle 1; 1 | Invoke-Concurrent -Throttle $t -Hedge 1h { Use-Throttle $t { 1 } }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'Invoke-WithRetry -Hedge'
            Script = '$t = New-Throttle 1; Use-Throttle $t { Invoke-WithRetry -Hedge 1h { Use-Throttle $t { 1 } } }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'the producer of a stream'
            Script = '$t = New-Throttle 1; $s = New-AsyncStream { Use-Throttle $t { 1 } }; Use-Throttle $t { Read-AsyncStream $s }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'the block of a cache'
            Script = '$t = New-Throttle 1; $c = New-AsyncCache; Use-Throttle $t { Get-AsyncCache $c k { Use-Throttle $t { 1 } } }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'a handler'
            Script = '$t = New-Throttle 1; $b = New-AsyncEventBus; $null = Register-AsyncEvent $b e { Use-Throttle $t { 1 } }
                Use-Throttle $t { Publish-AsyncEvent $b e 1 -Wait }' }
        @{ Id = 'ThrottleWaitsForItself'; Name = 'a job of a group'
            Script = '$t = New-Throttle 1; Use-Throttle $t { Use-TaskGroup { Start-Throttled -Throttle $t { 1 } } }' }
        @{ Id = 'PoolWaitsForItself'; Name = 'Use-AsyncPool in itself'
            Script = '$p = New-AsyncPool { [IO.MemoryStream]::new() } -MaxSize 1; Use-AsyncPool $p { Use-AsyncPool $p { 1 } }' }
        @{ Id = 'PoolWaitsForItself'; Name = 'Use-AsyncPool in a call'
            Script = '$p = New-AsyncPool { [IO.MemoryStream]::new() } -MaxSize 1
                Use-AsyncPool $p { 1 | Invoke-Concurrent { Use-AsyncPool $p { 1 } } }' }
        @{ Id = 'PoolWaitsForItself'; Name = 'a pool whose block uses it'
            Script = '$h = @{}; $h.p = New-AsyncPool { Use-AsyncPool $h.p { 1 } } -MaxSize 1; Use-AsyncPool $h.p { 1 }' }
        @{ Id = 'QueueWaitsForItself'; Name = 'a consumer that writes to its full queue'
            Script = '$q = New-AsyncQueue -Capacity 1; Write-AsyncQueue $q 1
                Invoke-Concurrent -InputStream $q -ThrottleLimit 1 {
                    Write-AsyncQueue $q 2; Write-AsyncQueue $q 3; Complete-AsyncQueue $q
                } -FailFast' }
        @{ Id = 'QueueWaitsForItself'; Name = 'a reader that writes to its full queue'
            Script = '$q = New-AsyncQueue -Capacity 1; Write-AsyncQueue $q 1
                Read-AsyncQueue $q | ForEach-Object {
                    if ($_ -eq 1) { Write-AsyncQueue $q 2; Write-AsyncQueue $q 3; Complete-AsyncQueue $q }
                }' }
        @{ Id = 'QueueWaitsForItself'; Name = 'a reader whose calls write to its full queue'
            Script = '$q = New-AsyncQueue -Capacity 1; Write-AsyncQueue $q 1
                Read-AsyncQueue $q | ForEach-Object {
                    if ($_ -eq 1) { 1 | Invoke-Concurrent { Write-AsyncQueue $q 2; Write-AsyncQueue $q 3 }; Complete-AsyncQueue $q }
                }' }
        @{ Id = 'QueueWaitsForItself'; Name = 'Wait-AsyncQueue in a consumer'
            Script = '$q = New-AsyncQueue; Write-AsyncQueue $q 1; Complete-AsyncQueue $q
                Invoke-Concurrent -InputStream $q { Wait-AsyncQueue $q }' }
        @{ Id = 'QueueWaitsForItself'; Name = 'Wait-AsyncQueue behind a reader'
            Script = '$q = New-AsyncQueue; Write-AsyncQueue $q 1; Complete-AsyncQueue $q
                Read-AsyncQueue $q | ForEach-Object { Wait-AsyncQueue $q }' }
        @{ Id = 'EventWaitsForItself'; Name = 'a handler that publishes to itself'
            Script = '$b = New-AsyncEventBus; $null = Register-AsyncEvent $b e { if ($_.Data -lt 3) { Publish-AsyncEvent $b e 3 -Wait } }
                Publish-AsyncEvent $b e 1 -Wait' }
        @{ Id = 'EventWaitsForItself'; Name = 'handlers that publish to each other'
            Script = '$b = New-AsyncEventBus; $null = Register-AsyncEvent $b a { Publish-AsyncEvent $b b 1 -Wait -ErrorAction Stop }
                $null = Register-AsyncEvent $b b { Publish-AsyncEvent $b a 1 -Wait }; Publish-AsyncEvent $b a 1 -Wait' }
        @{ Id = 'EventWaitsForItself'; Name = 'a handler that fills its own subscription'
            Script = '$b = New-AsyncEventBus
                $null = Register-AsyncEvent $b e { if ($_.Data -eq 1) { 2..4 | Publish-AsyncEvent $b e } } -Capacity 1
                Publish-AsyncEvent $b e 1 -Wait' }
        @{ Id = 'SubscriptionWaitsForItself'; Name = 'Unregister-AsyncEvent -Wait in the handler'
            Script = '$b = New-AsyncEventBus; $h = @{}; $h.s = Register-AsyncEvent $b e { Unregister-AsyncEvent $h.s -Wait }
                Publish-AsyncEvent $b e 1 -Wait' }
        @{ Id = 'SubscriptionWaitsForItself'; Name = 'Unregister-AsyncEvent -Wait in a call of the handler'
            Script = '$b = New-AsyncEventBus; $h = @{}
                $h.s = Register-AsyncEvent $b e { 1 | Invoke-Concurrent { Unregister-AsyncEvent $h.s -Wait } }
                Publish-AsyncEvent $b e 1 -Wait' }
        @{ Id = 'CacheWaitsForItself'; Name = 'a key that needs itself'
            Script = '$c = New-AsyncCache; Get-AsyncCache $c k { $x = Get-AsyncCache $c k { 1 }; $x }' }
        @{ Id = 'CacheWaitsForItself'; Name = 'a key that needs itself in a call'
            Script = '$c = New-AsyncCache; Get-AsyncCache $c k { 1 | Invoke-Concurrent { Get-AsyncCache $c k { 1 } } -FailFast }' }
        @{ Id = 'CacheWaitsForItself'; Name = 'a key that needs itself in calls, by way of another'
            Script = '$c = New-AsyncCache; Get-AsyncCache $c k {
                    1 | Invoke-Concurrent { Get-AsyncCache $c l { 1 | Invoke-Concurrent { Get-AsyncCache $c k { 1 } } } } -FailFast
                }' }
        @{ Id = 'CacheWaitsForItself'; Name = 'a key that needs itself in a group'
            Script = '$c = New-AsyncCache; Get-AsyncCache $c k { Use-TaskGroup { Start-Throttled { Get-AsyncCache $c k { 1 } } } }' }
    ) {
        (Invoke-Bounded $Script).Id | Select-Object -Unique | Should -Be $Id
    }

    It 'is found whichever comes first: a key that needs itself in a job' {
        $run = Invoke-Bounded '$c = New-AsyncCache; Get-AsyncCache $c k {
            $j = Start-Throttled { Get-AsyncCache $c k { 1 } }; Receive-Job $j -Wait -ErrorAction Stop
        }'
        $run.Id | Should -Not -BeNullOrEmpty
        $run.Id | Where-Object { $_ -notin 'CacheWaitsForItself', 'JobWaitsForItself' } | Should -BeNullOrEmpty
    }

    It 'is an error for one of several that wait for each other, and the others go on' {
        $run = Invoke-Bounded '$t = New-Throttle 2; $b = [Threading.Barrier]::new(2)
            1..2 | Invoke-Concurrent -Throttle $t { $b.SignalAndWait(); 1..2 | Invoke-Concurrent -Throttle $t { 7 } -FailFast }'
        $run.Id | Should -Contain 'ThrottleWaitsForItself'
        $run.Output.Count | Should -BeGreaterOrEqual 2
    }

    It 'is an error for the load of all or nothing that a query of the same pool feeds' {
        $file = Join-Path $TestDrive 'feed.db'
        $run = Invoke-Bounded "`$db = Connect-AsyncDatabase -Sqlite '$file' -PoolSize 1; try {
            `$null = Invoke-ConcurrentQuery `$db 'create table a (n integer); create table b (n integer); insert into a values (1)'
            Invoke-ConcurrentQuery `$db 'select n from a' | Import-ConcurrentData `$db b -AllOrNothing } finally { `$db.Dispose() }"
        $run.Id | Should -Be 'DatabaseInTransaction'
    }
}

Describe 'What only looks like a wait for oneself' {
    It 'works: <Name>' -ForEach @(
        @{
            Name = 'a second permit where there is one'
            Script = '$t = New-Throttle 2; Use-Throttle $t { 1 | Invoke-Concurrent -Throttle $t { 7 } }'
        }
        @{ Name = 'calls within permits, one after another'
            Script = '$t = New-Throttle 2
                1..20 | Invoke-Concurrent -Throttle $t -ThrottleLimit 1 { 1..3 | Invoke-Concurrent -Throttle $t { 1 } } |
                    Measure-Object | ForEach-Object { if ($_.Count -eq 60) { 7 } }' }
        @{ Name = 'a job that outlives the permit'
            Script = '$t = New-Throttle 1; $j = Use-Throttle $t { Start-Throttled -Throttle $t { 7 } }; $j | Receive-Job -Wait' }
        @{ Name = 'a block behind a call whose items want its permit'
            Script = '$t = New-Throttle 1
                1..50 | Invoke-Concurrent -Throttle $t { $_ } | ForEach-Object { Use-Throttle $t { $_ } } |
                    Measure-Object | ForEach-Object { if ($_.Count -eq 50) { 7 } }' }
        @{ Name = 'consumers that feed their own queue'
            Script = '$q = New-AsyncQueue -Capacity 100; Write-AsyncQueue $q 6; Complete-AsyncQueue $q -WhenDone
                Invoke-Concurrent -InputStream $q -ThrottleLimit 4 {
                    if ($_ -gt 0) { ($_ - 1), ($_ - 1) | Write-AsyncQueue $q } else { 1 }
                } |
                    Measure-Object | ForEach-Object { if ($_.Count -eq 64) { 7 } }' }
        @{ Name = 'a full queue with another reader'
            Script = '$q = New-AsyncQueue -Capacity 1; $r = New-AsyncQueue; Write-AsyncQueue $q 1
                $j = Start-Throttled {
                    Invoke-Concurrent -InputStream $q -ThrottleLimit 1 {
                        if ($_ -eq 1) { 2..5 | Write-AsyncQueue $q; Complete-AsyncQueue $q }; $_
                    }
                }
                $k = Start-Throttled {
                    Invoke-Concurrent -InputStream $q -ThrottleLimit 1 {
                        if ($_ -eq 1) { 2..5 | Write-AsyncQueue $q; Complete-AsyncQueue $q }; $_
                    } -InitializationScript { 1 }
                }
                while ($k.State -ne "Completed" -and $k.State -ne "Failed" -and $j.State -ne "Failed") { Start-Sleep -Milliseconds 10 }
                7' }
        @{ Name = 'a full queue with an occasional reader'
            Script = '$q = New-AsyncQueue -Capacity 1; Write-AsyncQueue $q 1; $null = Read-AsyncQueue $q -Count 1; Write-AsyncQueue $q 1
                $j = Start-Throttled {
                    Invoke-Concurrent -InputStream $q -ThrottleLimit 1 {
                        if ($_ -eq 1) { 2..5 | Write-AsyncQueue $q; Complete-AsyncQueue $q }
                    }
                }
                while (-not $q.InFlight) { Start-Sleep -Milliseconds 5 }
                $n = 0
                while ($n -lt 3) { $n += @(Read-AsyncQueue $q -NoWait).Count; Start-Sleep -Milliseconds 5 }
                Receive-Job $j -Wait
                7' }
        @{ Name = 'a handler that publishes to others and waits'
            Script = '$b = New-AsyncEventBus; $h = @{}
                $null = Register-AsyncEvent $b a { Publish-AsyncEvent $b b 1 -Wait }
                $null = Register-AsyncEvent $b b { $h.n = 7 }; Publish-AsyncEvent $b a 1 -Wait; $h.n' }
        @{ Name = 'a handler that publishes to itself with room for it'
            Script = '$b = New-AsyncEventBus; $h = @{}
                $null = Register-AsyncEvent $b e {
                    if ($_.Data -lt 3) { Publish-AsyncEvent $b e 3 -Wait } else { $h.n = 7 }
                } -ThrottleLimit 2
                Publish-AsyncEvent $b e 1 -Wait; $h.n' }
        @{ Name = 'a key that needs another'
            Script = '$c = New-AsyncCache; Get-AsyncCache $c k { 1 | Invoke-Concurrent { Get-AsyncCache $c l { 7 } } }' }
        @{ Name = 'a job of a key that reads it later'
            Script = '$c = New-AsyncCache; $h = @{}
                $null = Get-AsyncCache $c k { $h.j = Start-Throttled { Get-AsyncCache $c k { 1 } }; 7 }; $h.j | Receive-Job -Wait' }
        @{ Name = 'many readers of one key, in nested calls'
            Script = '$c = New-AsyncCache; 1..200 | Invoke-Concurrent {
                    1..3 | Invoke-Concurrent { Get-AsyncCache $c k { Start-Sleep -Milliseconds 50; 7 } }
                } | Sort-Object -Unique' }
        @{ Name = 'an object of a pool in each of many items'
            Script = '$p = New-AsyncPool { [IO.MemoryStream]::new() } -MaxSize 2
                1..100 | Invoke-Concurrent { Use-AsyncPool $p { 1 } } |
                    Measure-Object | ForEach-Object { if ($_.Count -eq 100) { 7 } }' }
    ) {
        $run = Invoke-Bounded $Script
        $run.Id | Should -BeNullOrEmpty
        $run.Output | Should -Be 7
    }

    It 'ends by itself where a time is given' {
        (Invoke-Bounded '$t = New-Throttle 1; Use-Throttle $t { Use-Throttle $t { 1 } -Timeout 10ms }').Id | Should -Be 'ThrottleTimeout'
        (Invoke-Bounded '$p = New-AsyncPool { 1 } -MaxSize 1; Use-AsyncPool $p { Use-AsyncPool $p { 1 } -Timeout 10ms }').Id |
            Should -Be 'PoolTimeout'
    }
}
