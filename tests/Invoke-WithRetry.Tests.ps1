#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'Invoke-WithRetry' {
    BeforeEach {
        $n = 0
        $made = @{ Attempts = 0 }
    }

    It 'runs a block that succeeds once' {
        Invoke-WithRetry { $n++; 'yes' } | Should -Be 'yes'
        $n | Should -Be 1
    }

    It 'tries again, and drops the output of attempts that failed' {
        Invoke-WithRetry { $n++; "out $n"; if ($n -lt 3) { throw 'no' } } -RetryDelay 1ms | Should -Be 'out 3'
    }

    It 'throws the last error as it was' {
        { Invoke-WithRetry { Get-Item "./none-$($made.Attempts++; $made.Attempts)" -ErrorAction Stop } -RetryCount 2 -RetryDelay 0 } |
            Should -Throw '*none-3*' -ErrorId 'PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand'
    }

    It 'tries again only for -RetryOn <_>' -ForEach 'IOException', ([IO.IOException]), { $_.Exception -is [IO.IOException] } {
        { Invoke-WithRetry { $made.Attempts++; throw [IO.IOException]::new('io') } -RetryOn $_ -RetryDelay 0 } | Should -Throw 'io'
        $made.Attempts | Should -Be 4
        $made.Attempts = 0
        { Invoke-WithRetry { $made.Attempts++; throw [TimeoutException]::new('time') } -RetryOn $_ -RetryDelay 0 } | Should -Throw 'time'
        $made.Attempts | Should -Be 1
    }

    It 'tells -OnRetry' {
        $told = [Collections.Generic.List[string]]::new()
        {
            Invoke-WithRetry { throw 'no' } -RetryCount 2 -RetryDelay 2ms -RetryBackoff Exponential -NoJitter -OnRetry {
                $told.Add("$($_.Attempt) $($_.Error) $($_.Delay.TotalMilliseconds)")
            }
        } | Should -Throw
        $told | Should -Be '1 no 2', '2 no 4'
    }

    It 'stops what takes longer than -Timeout' {
        { Invoke-WithRetry { Start-Sleep 600 } -Timeout 100ms } |
            Should -Throw -ErrorId 'RetryTimeout,*' -ExceptionType ([TimeoutException])
    }

    It 'keeps the streams of the block with -Timeout' {
        $records = Invoke-WithRetry {
            Write-Warning 'w'; Write-Error 'e'; Write-Host 'h'; Write-Verbose 'v' -Verbose; 'o'
        } -Timeout 20 -Verbose *>&1
        "$($records | ForEach-Object { $_.GetType().Name } | Sort-Object)" |
            Should -Be 'ErrorRecord InformationRecord String VerboseRecord WarningRecord'
    }

    It 'starts a second attempt beside one that hangs, and writes what the winner wrote' {
        $calls = [Collections.Concurrent.ConcurrentQueue[int]]::new()
        $ended = [Collections.Concurrent.ConcurrentQueue[int]]::new()
        $records = Invoke-WithRetry -Hedge 50ms {
            $calls.Enqueue(1)
            if ($calls.Count -eq 1) { try { Start-Sleep 300 } finally { $ended.Enqueue(1) } }
            Write-Warning 'from the winner'
            'answer'
        } 3>&1
        "$records" | Should -Be 'from the winner answer'
        $calls.Count | Should -Be 2
        $ended.Count | Should -Be 1
    }

    It 'names what -RetryOn does not know' {
        { Invoke-WithRetry { 1 } -RetryOn NoSuchException } | Should -Throw '*NoSuchException*' -ErrorId 'NotAnExceptionTypeName,*'
    }
}
