#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'Use-Throttle' {
    BeforeEach {
        $throttle = New-Throttle 1
    }

    AfterEach {
        $throttle.Available | Should -Be 1
    }

    It 'runs the block in the scope of the caller' {
        $value = 1
        Use-Throttle $throttle { $value++ }
        $value | Should -Be 2
    }

    It 'holds a permit meanwhile' {
        Use-Throttle $throttle { $throttle.Available } | Should -Be 0
    }

    It 'runs for every input object' {
        1..3 | Use-Throttle $throttle { $_ * 2 } | Should -Be 2, 4, 6
    }

    It 'passes an error on' {
        { Use-Throttle $throttle { throw 'no' } } | Should -Throw 'no'
        { Use-Throttle $throttle { Get-Item ./no-such-file -ErrorAction Stop } } |
            Should -Throw -ErrorId 'PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand'
    }

    It 'leaves at return' {
        Use-Throttle $throttle { 1; return; 2 } | Should -Be 1
    }

    It 'gives the permit back when the pipeline ends early' {
        1..5 | Use-Throttle $throttle { $_ } | Select-Object -First 1 | Should -Be 1
    }

    It 'waits no longer than -Timeout' {
        Use-Throttle $throttle {
            { Use-Throttle $throttle { 'never' } -Timeout 20ms } |
                Should -Throw -ExceptionType ([TimeoutException]) -ErrorId 'ThrottleTimeout,*'
        }
    }
}

Describe 'Use-Throttle of a disposed throttle' {
    It 'says so' {
        $throttle = New-Throttle 1
        $throttle.Dispose()
        { Use-Throttle $throttle { 'never' } } | Should -Throw '*New-Throttle*' -ErrorId 'ThrottleDisposed,*'
    }
}
