#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'New-CircuitBreaker' {
    It 'makes a closed one that shows its state' {
        $breaker = New-CircuitBreaker
        $breaker.State | Should -Be 'Closed'
        $breaker | Out-String | Should -Match 'Closed\s+50 % of 10\s+30 s\s+30 s'
    }

    It 'opens, refuses, and closes again after a call that went well' {
        $breaker = New-CircuitBreaker -MinimumThroughput 2 -BreakTime 500ms
        1..2 | ForEach-Object { { Invoke-WithRetry { throw 'no' } -RetryCount 0 -CircuitBreaker $breaker } | Should -Throw 'no' }
        $breaker.State | Should -Be 'Open'
        $breaker.LastError | Should -BeLike 'no'
        { Invoke-WithRetry { 'never' } -CircuitBreaker $breaker } | Should -Throw -ErrorId 'CircuitOpen,*'
        while ($breaker.State -eq 'Open') { Start-Sleep -Milliseconds 20 }
        $breaker.State | Should -Be 'HalfOpen'
        Invoke-WithRetry { 'well' } -CircuitBreaker $breaker | Should -Be 'well'
        $breaker.State | Should -Be 'Closed'
    }

    It 'counts items that run into -ItemTimeout, and not what is stopped' {
        $breaker = New-CircuitBreaker -MinimumThroughput 2 -BreakTime 1m
        1..2 | Invoke-Concurrent { Start-Sleep 60 } -ItemTimeout 50ms -CircuitBreaker $breaker -ErrorAction Ignore
        $breaker.State | Should -Be 'Open'
        $breaker = New-CircuitBreaker -MinimumThroughput 2 -BreakTime 1m
        { 1..4 | Invoke-Concurrent { Start-Sleep 60 } -Timeout 100ms -CircuitBreaker $breaker } | Should -Throw
        $breaker.State | Should -Be 'Closed'
    }

    It 'refuses <Arguments>' -ForEach @(
        @{ Arguments = '0'; Id = 'ParameterArgumentValidationError' }
        @{ Arguments = '-MinimumThroughput 1'; Id = 'ParameterArgumentValidationError' }
        @{ Arguments = '-BreakTime 10ms'; Id = 'CircuitTimeOutOfRange' }
    ) {
        { & ([scriptblock]::Create("New-CircuitBreaker $Arguments")) } |
            Should -Throw -ErrorId "$Id,AsyncPs.Commands.NewCircuitBreakerCommand"
    }
}
