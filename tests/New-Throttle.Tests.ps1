#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'New-Throttle' {
    It 'makes a limit' {
        $throttle = New-Throttle 3
        $throttle.Limit, $throttle.Available, $throttle.Waiting | Should -Be 3, 3, 0
    }

    It 'makes a rate with a burst' {
        $throttle = New-Throttle -Permits 60 -Per 1m -Burst 5 -Limit 2
        $throttle.PerSecond, $throttle.Burst, $throttle.Limit | Should -Be 1, 5, 2
    }

    It 'shows itself as a table' {
        New-Throttle -PerSecond 50 | Out-String | Should -Match 'Limit\s+PerSecond\s+Burst\s+Available\s+Waiting\s+Granted/s'
    }

    It 'refuses <Arguments>' -ForEach @(
        @{ Arguments = '0'; Id = 'ParameterArgumentValidationError' }
        @{ Arguments = '-PerSecond 0'; Id = 'RateOutOfRange' }
        @{ Arguments = '-Permits 1 -Per -5'; Id = 'ParameterArgumentTransformationError' }
        @{ Arguments = '1 -Burst 2'; Id = 'AmbiguousParameterSet' }
    ) {
        { & ([scriptblock]::Create("New-Throttle $Arguments")) } | Should -Throw -ErrorId "$Id,AsyncPs.Commands.NewThrottleCommand"
    }

    It 'limits blocks that run at once' {
        $throttle = New-Throttle 2
        $seen = 1..20 |
            Invoke-Concurrent {
                Use-Throttle $using:throttle { Start-Sleep -Milliseconds 2; ($using:throttle).Available }
            } -ThrottleLimit 8
        $seen | Should -HaveCount 20
        $seen | Should -BeIn 0, 1
        $throttle.Available | Should -Be 2
    }

    It 'paces' {
        $throttle = New-Throttle -PerSecond 100
        $time = Measure-Command { 1..30 | Use-Throttle $throttle { $_ } }
        $time.TotalMilliseconds | Should -BeGreaterThan 150
    }
}
