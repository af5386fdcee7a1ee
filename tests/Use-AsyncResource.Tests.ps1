#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'Use-AsyncResource' {
    BeforeEach {
        $log = [Collections.Generic.List[string]]::new()
    }

    It 'disposes what it was given' {
        $stream = [IO.MemoryStream]::new()
        Use-AsyncResource $stream { $_.CanRead } | Should -BeTrue
        $stream.CanRead | Should -BeFalse
    }

    It 'disposes after an error, which passes through' {
        $stream = [IO.MemoryStream]::new()
        { Use-AsyncResource $stream { Get-Item ./no-such-file -ErrorAction Stop } } |
            Should -Throw -ErrorId 'PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand'
        $stream.CanRead | Should -BeFalse
    }

    It 'cleans up in reverse order' {
        Use-AsyncResource 1, 2, 3 -Enter { $log.Add("in $_") } -Exit { $log.Add("out $_") } { $log.Add("block $_") }
        $log | Should -Be 'in 1', 'in 2', 'in 3', 'block 1 2 3', 'out 3', 'out 2', 'out 1'
    }

    It 'cleans up when downstream has had enough' {
        Use-AsyncResource 1 -Exit { $log.Add('out') } { 1..10 } | Select-Object -First 1 | Should -Be 1
        $log | Should -Be 'out'
    }

    It 'commits, and rolls back after an error of any kind' {
        $transaction = [pscustomobject]@{} |
            Add-Member ScriptMethod Commit { $log.Add('commit') } -PassThru |
            Add-Member ScriptMethod Rollback { $log.Add('rollback') } -PassThru
        Use-AsyncResource $transaction -Transaction { 'done' } | Should -Be 'done'
        { Use-AsyncResource $transaction -Transaction { throw 'no' } } | Should -Throw 'no'
        { Use-AsyncResource $transaction -Transaction { [int]::Parse('no'); $log.Add('never') } } | Should -Throw
        { Use-AsyncResource $transaction -Transaction { Write-Error 'written'; $log.Add('on') } -ErrorAction SilentlyContinue } |
            Should -Throw '*written*' -ErrorId 'TransactionRolledBack,*'
        $log | Should -Be 'commit', 'rollback', 'rollback', 'on', 'rollback'
    }

    It 'stops when its time is over' {
        { Use-AsyncResource 1 -Exit { $log.Add('out') } { Start-Sleep 60 } -Timeout 50ms } |
            Should -Throw -ExceptionType ([TimeoutException]) -ErrorId 'ResourceTimeout,*'
        $log | Should -Be 'out'
    }

    It 'reports the errors of the clean-up beside that of the block' {
        {
            Use-AsyncResource 1,
                2 -Exit { throw "exit $_" } { throw 'block' } -ErrorVariable script:written -ErrorAction SilentlyContinue
        } | Should -Throw 'block'
        @($written | Where-Object FullyQualifiedErrorId -like 'ResourceExitFailed*').Count | Should -Be 2
    }
}
