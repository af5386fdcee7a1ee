#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'An event bus' {
    BeforeEach {
        $bus = New-AsyncEventBus
        $log = New-AsyncQueue
    }

    AfterEach {
        $bus.Dispose()
    }

    It 'brings an event to all handlers of its topic' {
        $null = Register-AsyncEvent $bus 'orders.*' { Write-AsyncQueue $log "first $($_.Data)" }
        $null = Register-AsyncEvent $bus orders.new { Write-AsyncQueue $log "second $($_.Data)" }
        $null = Register-AsyncEvent $bus other { Write-AsyncQueue $log 'never' }
        Publish-AsyncEvent $bus orders.new 1 -Wait
        Read-AsyncQueue $log -NoWait | Sort-Object | Should -Be 'first 1', 'second 1'
    }

    It 'writes the errors of handlers with -Wait' {
        $null = Register-AsyncEvent $bus a { throw "no $($_.Data)" }
        1, 2 | Publish-AsyncEvent $bus a -Wait -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Count | Should -Be 2
        "$($failed[0])" | Should -Be 'no 1'
    }

    It 'reports failures for which no caller waits' {
        $subscription = Register-AsyncEvent $bus a { throw 'no' } -Name mine
        1, 2 | Publish-AsyncEvent $bus a
        Unregister-AsyncEvent $subscription -Wait -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -BeLike "The handler of 'mine' has failed 2 times*"
    }

    It 'is read as a stream' {
        $subscription = Register-AsyncEvent $bus a
        1..3 | Invoke-Concurrent { Publish-AsyncEvent $bus a $_ }
        Unregister-AsyncEvent $subscription
        Read-AsyncStream $subscription | ForEach-Object Data | Sort-Object | Should -Be 1, 2, 3
    }

    It 'keeps the latest' {
        $subscription = Register-AsyncEvent $bus a -Capacity 2 -FullMode DropOldest
        1..10 | Publish-AsyncEvent $bus a
        $subscription.Dropped | Should -Be 8
        Read-AsyncStream $subscription -Count 2 | ForEach-Object Data | Should -Be 9, 10
    }

    It 'refuses wildcards in what is published' {
        { Publish-AsyncEvent $bus 'a*' } | Should -Throw -ErrorId 'TopicHasWildcards,*'
    }

    It 'is shown as a table' {
        $null = Register-AsyncEvent $bus 'a.*', b { } -Name mine
        Publish-AsyncEvent $bus b -Wait
        $bus | Out-String -Width 200 | Should -Match '(?s)Name +Subscriptions +Published.* 1 +1 +0 +\d+'
        $bus.Subscriptions | Out-String -Width 200 | Should -Match 'mine +a\.\*, b +block +True +0 +0 +1 +0 +0'
    }
}
