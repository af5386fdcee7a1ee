#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'Use-AsyncPool' {
    BeforeEach {
        $pool = New-AsyncPool { [IO.MemoryStream]::new() } -MaxSize 2
    }

    AfterEach {
        $pool.InUse | Should -Be 0
        $pool.Dispose()
        $pool.Count | Should -Be 0
    }

    It 'lends an object and takes it back' {
        Use-AsyncPool $pool { $_.WriteByte(1); $_.Length } | Should -Be 1
        Use-AsyncPool $pool { $_.WriteByte(1); $_.Length } | Should -Be 2
        $pool.Created | Should -Be 1
    }

    It 'never makes more than -MaxSize' {
        1..20 | Invoke-Concurrent { Use-AsyncPool $pool { Start-Sleep -Milliseconds 2; $pool.Count } } -ThrottleLimit 6 |
            Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual 2
        $pool.Created | Should -BeLessOrEqual 2
    }

    It 'replaces an object whose user has failed' {
        { Use-AsyncPool $pool { throw 'broken' } } | Should -Throw 'broken'
        $pool.Destroyed | Should -Be 1
        Use-AsyncPool $pool { $_.CanWrite } | Should -BeTrue
    }

    It 'keeps the object when the pipeline has had enough' {
        Use-AsyncPool $pool { 1..5 } | Select-Object -First 1 | Should -Be 1
        $pool.Idle | Should -Be 1
    }

    It 'waits no longer than -Timeout' {
        Use-AsyncPool $pool { Use-AsyncPool $pool { { Use-AsyncPool $pool { } -Timeout 20ms } | Should -Throw -ErrorId 'PoolTimeout,*' } }
    }
}

Describe 'New-AsyncPool' {
    It 'disposes what its block wrote before it failed' {
        $made = @{}
        $pool = New-AsyncPool { $made.stream = [IO.MemoryStream]::new(); $made.stream; throw 'no' }
        { Use-AsyncPool $pool { } } | Should -Throw 'no'
        $made.stream.CanRead | Should -BeFalse
        $pool = New-AsyncPool { 'noise'; $made.stream = [IO.MemoryStream]::new(); $made.stream }
        { Use-AsyncPool $pool { } } | Should -Throw
        $made.stream.CanRead | Should -BeFalse
    }

    It 'says when -MinSize is too large' {
        { New-AsyncPool { 1 } -MinSize 11 } | Should -Throw '*-MaxSize*' -ErrorId 'PoolMinSizeTooLarge,*'
    }

    It 'is shown as a table' {
        $pool = New-AsyncPool { [IO.MemoryStream]::new() } -MaxSize 3
        Use-AsyncPool $pool { }
        $pool | Out-String -Width 200 | Should -Match '(?s)Count +Idle +InUse.*1 +1 +0 +0 +0 +3 +1 +0'
    }
}
