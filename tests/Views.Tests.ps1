#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# How tables and lists of the module's objects look in a console of 80 columns. PowerShell leaves the last column free.

BeforeAll {
    $output = "$(Split-Path $PSScriptRoot)/output"
    $pathBefore = $env:PSModulePath
    $env:PSModulePath = $output + [IO.Path]::PathSeparator + $env:PSModulePath
    Import-Module "$output/AsyncPs/AsyncPs.psd1", "$output/AsyncPs.Data/AsyncPs.Data.psd1", "$output/AsyncPs.Web/AsyncPs.Web.psd1" -Force

    . "$PSScriptRoot/Helpers.ps1"

    function Get-Table($Objects) {
        $text = $Objects | Format-Table | Out-String -Width 79
        Assert-Fit $text
        $text
    }

    function Get-List($Objects) {
        $text = $Objects | Format-List | Out-String -Width 79
        Assert-Fit $text
        $text
    }

    # No value that shows only its type, no clock time for a duration, and no column without any width.
    function Assert-Fit($Text) {
        $Text | Should -Not -Match 'System\.|AsyncPs\.|\d\d:\d\d:\d\d\.\d{4,}'
        $Text -split '\r?\n' | ForEach-Object { $_.TrimEnd().Length | Should -BeLessOrEqual 79 }
    }

    function Get-Header($Table) {
        ($Table -split '\r?\n' | Where-Object { $_ -match '\S' } | Select-Object -First 1).Trim() -split '\s{1,}'
    }
}

AfterAll {
    $env:PSModulePath = $pathBefore
    Remove-Module AsyncPs.Web, AsyncPs.Data, AsyncPs
}

Describe 'Views' {
    It 'of results show custom objects and dictionaries, and errors where there are some' {
        $results = [pscustomobject] @{ Id = 1; Name = 'a' }, @{ Number = 2 }, 'bad' |
            Invoke-Concurrent { if ($_ -eq 'bad') { throw "one`nof two lines" }; $_; 'more' } -AsResult -Ordered

        $table = Get-Table $results
        $table | Should -Match '@\{Id=1; Name=a\}, more'
        $table | Should -Match '@\{Number=2\}, more'
        $table | Should -Match 'Failed.*bad\s+one of two lines'
        $list = Get-List $results[2]
        $list | Should -Match 'Duration : [\d.]+ s'
        $list | Should -Match 'Error +: one of two lines'
        $list | Should -Not -Match 'Output'
    }

    It 'of jobs have the item, the time and the failure, and do not look at what warns of failures' {
        $jobs = 'good', 'bad' | Start-Throttled { if ($_ -eq 'bad') { throw 'not this one' } } -Name 'a name that is rather long'
        $null = $jobs | Wait-Job

        $table = Get-Table $jobs
        Get-Header $table | Should -Be 'Id', 'Name', 'State', 'Data', 'Elapsed', 'Input', 'Failure,', 'command'
        $table | Should -Match 'Completed +False +[\d.]+ s +good +if'
        $table | Should -Match 'Failed +False +[\d.]+ s +bad +not this one'
        $list = Get-List $jobs[1]
        $list | Should -Match 'Failure +: not this one'
        $list | Should -Not -Match 'Task'
        $jobs | Remove-Job -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -Match 'not this one'
    }

    It 'of statistics say what limits a call' {
        1..4 | Invoke-Concurrent { Start-Sleep -Milliseconds 50 } -ThrottleLimit 1 -Statistics took

        $list = Get-List $took
        $list | Should -Match 'Items +: 4: 0 failed, 0 retried'
        $list | Should -Match 'P50 / P95 / P99 : [\d.,]+ / [\d.,]+ / [\d.,]+ s'
        $list | Should -Match 'LimitedBy +: ThrottleLimit'
        $took | Out-String | Should -Match 'LimitedBy +: ThrottleLimit'
        Get-Header (Get-Table $took) | Should -Be 'Command', 'Count', 'Failed', 'PerSecond', 'P50', 'P95', 'LimitedBy'
    }

    It 'of queues keep all columns beside a long name' {
        $long = New-AsyncQueue -Name ('orders of the company ' * 3) -Kind Priority
        $short = New-AsyncQueue 100 -Name short

        Get-Header (Get-Table $short, $long) | Should -Be 'Name', 'Kind', 'State', 'Count', 'Capacity', 'InFlight', 'Finished'
        Get-List $long | Should -Not -Match 'Error|Capacity'
        Get-List $short | Should -Match 'Capacity +: 100'
    }

    It 'of items of a queue end with the value' {
        $queue = New-AsyncQueue
        , @{ Name = 'a' } | Write-AsyncQueue $queue

        Get-Table (Read-AsyncQueue $queue -Count 1 -ManualAck) | Should -Match '0 +1 +False +@\{Name=a\}'
    }

    It 'of caches say the lifetime' {
        $cache = New-AsyncCache -TimeToLive 5m -StaleWhileRevalidate 90s
        $null = Get-AsyncCache $cache 'key' { 1 }

        Get-Table $cache | Should -Match '5 min, stale \+1 min 30 s'
        $list = Get-List $cache
        $list | Should -Match 'TimeToLive +: 5 min'
        $list | Should -Match 'Keys +: key'
        Get-List (New-AsyncCache) | Should -Not -Match 'TimeToLive|HitRatio|LastError'
    }

    It 'of pools and circuit breakers have durations and the last error' {
        $pool = New-AsyncPool { throw 'cannot connect' } -MaxSize 2 -IdleTimeout 2m
        { Use-AsyncPool $pool { } } | Should -Throw
        $breaker = New-CircuitBreaker -MinimumThroughput 2 -BreakTime 90s
        1..2 | ForEach-Object { try { Invoke-WithRetry { throw 'no answer' } -CircuitBreaker $breaker } catch { } }

        Get-Table $pool | Should -Match 'cannot connect'
        Get-List $pool | Should -Match 'IdleTimeout : 2 min'
        Get-Table $breaker | Should -Match 'Open +[\d.]+ s +50 % of 2 +30 s +1 min 30 s no answer'
        Get-List $breaker | Should -Match 'BreakTime +: 1 min 30 s'
        Get-List (New-CircuitBreaker) | Should -Not -Match 'RetryAfter|LastError'
    }

    It 'of buses, subscriptions and events keep all columns' {
        $bus = New-AsyncEventBus -Name ('a bus with a long name ' * 3)
        $handled = Register-AsyncEvent $bus 'orders.*', 'invoices.*' { } -Name audit
        $read = Register-AsyncEvent $bus orders.new
        Publish-AsyncEvent $bus orders.new @{ Id = 7 } -Wait

        Get-Header (Get-Table $bus) | Should -Be 'Name', 'Subscriptions', 'Published', 'Pending', 'ThrottleLimit'
        Get-Header (Get-Table $handled, $read) |
            Should -Be 'Name', 'Topic', 'By', 'Active', 'Waiting', 'Running', 'Handled', 'Failed', 'Dropped'
        Get-List $bus | Should -Match 'Subscriptions : audit, '
        Get-List $handled | Should -Match 'Topic +: orders\.\*, invoices\.\*'
        $event = Read-AsyncStream $read -Count 1
        Get-Table $event | Should -Match '\d\d:\d\d:\d\d\.\d{3} orders.new +@\{Id=7\}'
        Get-List $event | Should -Match 'Data +: @\{Id=7\}'
        $bus.Dispose()
    }

    It 'of streams have the block on one line' {
        Get-Table (New-AsyncStream {
                1
                2
            }) | Should -Match '1 1 2'
        Get-List (New-AsyncStream { 1 }) | Should -Match 'Block +: 1'
    }

    It 'of waits name the job' {
        $jobs = 1..2 | Start-Throttled { @{ Number = $_ } } -Name numbers
        $results = Wait-WithTimeout $jobs -AsResult

        Get-Table $results | Should -Match 'Succeeded numbers +0 @\{Number=1\}'
        $list = Get-List $results
        $list | Should -Match 'Work +: numbers'
        $list | Should -Not -Match 'Error|Pending'
        $jobs | Remove-Job
    }

    It 'of shutdown actions, retries and contexts' {
        $action = Register-ShutdownAction { } -PassThru -Name closing -Timeout 90s
        Get-Table $action | Should -Match 'closing +1 min 30 s'
        $action.Dispose()
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        { Invoke-WithRetry { throw 'again' } -RetryCount 1 -RetryDelay 1ms -OnRetry { $seen.Enqueue($_) } } | Should -Throw
        Get-Table @($seen) | Should -Match '1 +[\d.]+ s again'
        Get-Table (1 | Invoke-Concurrent { $AsyncContext }) | Should -Match 'Index Attempt IsStopping\s+-+ -+ -+\s+0 +1 (True|False)'
    }

    It 'of sessions of requests' {
        $session = [AsyncPs.Http.HttpSession]::new()
        $session.Headers['Accept'] = 'text/plain'

        Get-List $session | Should -Match 'Cookies : 0\s+Headers : Accept'
    }

    It 'of loads and transactions' {
        $db = Connect-AsyncDatabase -Sqlite ':memory:'
        $null = Invoke-ConcurrentQuery $db 'create table item (id integer)' -NonQuery
        $summary = 1..3 | ForEach-Object { [pscustomobject] @{ id = $_ } } | Import-ConcurrentData $db -Table item

        Get-Table $summary | Should -Match 'item +3 +0 +[\d.]+ s +[\d,.]+'
        Get-List $summary | Should -Match 'Elapsed : [\d.]+ s'
        $transaction = Use-AsyncResource $db -Transaction { $_ }
        Get-Table $transaction | Should -Match 'Sqlite +True'
        $db.Dispose()
    }

    It 'of notifications and who listens to them' {
        Get-Table ([AsyncPs.Data.DatabaseNotification]::new('orders', '{"id": 7}', 12345)) | Should -Match 'orders +12345 \{"id": 7\}'

        # What it is made of needs a server; the views know it by its name.
        $listener = [pscustomobject] @{
            PSTypeName = 'AsyncPs.Data.NotificationListener'
            Channel = 'orders', 'invoices'
            Database = 'localhost/shop'
            Received = 3
            Count = 1
            IsClosed = $false
        }
        Get-Table $listener | Should -Match 'Channel +Received Count IsClosed Database[\s-]+orders, invoices +3 +1 False +localhost/shop'
        Get-List $listener | Should -Match 'Channel +: orders, invoices\s'
    }

    It 'of routes, servers, requests and answers' {
        $routes = @(
            New-AsyncRoute GET, DELETE '/items/{Id}' {
                <#
                .SYNOPSIS
                One item.
                #>
                param([int] $Id, [string] $Name)
            }
            New-AsyncRoute /files -Folder $PSScriptRoot
        )
        $table = Get-Table $routes
        Get-Header $table | Should -Be 'Method', 'Path', 'Parameter', 'Synopsis'
        $table | Should -Match 'GET,DELETE +/items/\{Id\} +Id, Name +One item\.'
        Get-List $routes[0] | Should -Match 'Parameter : Id \(Path\), Name \(Body\)'

        $server = New-AsyncRoute GET / { 'x' } | Start-AsyncServer -Port 0 -AsJob -NoWarmUp -PassThru -Name api
        $null = Invoke-RestMethod $server.Uri[0]
        Wait-Until { $server.Output.Count -gt 0 }
        Get-Table $server | Should -Match 'api +Running +1 +0 http://127\.0\.0\.1:\d+/'
        Get-List $server | Should -Match 'Uri +: http://127'
        $record = Receive-Job $server
        Get-Table $record | Should -Match '\d\d:\d\d:\d\d +200 GET +/ +[\d.,]+ ms 127\.0\.0\.1'
        Get-List $record | Should -Match 'Duration +: [\d.,]+ ms'
        Stop-AsyncServer $server
        Remove-Job $server

        Get-Table (New-AsyncResponse text -Status 404 -Headers @{ 'X-A' = 1 }) | Should -Match '404 +X-A +text'
        $answer = Invoke-AsyncRoute (New-AsyncRoute GET / { 'hello' }) GET /
        Get-Table $answer | Should -Match '200 text/plain; charset=utf-8 +hello'
        Get-List $answer | Should -Match 'Content +: hello'
    }
}
