#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Every place that runs a block, script or module of the caller: none may do what the caller's own session forbids.
BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
    $module = "$PSScriptRoot/../output/AsyncPs"
    $script:modulePath = Join-Path $TestDrive 'Writes.psm1'
    $script:filePath = Join-Path $TestDrive 'writes.ps1'

    function script:New-ConstrainedSession {
        $session = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
        $session.Open()
        $shell = [powershell]::Create($session)
        $null = $shell.AddCommand('Import-Module').AddParameter('Name', $module).Invoke()
        $session.SessionStateProxy.LanguageMode = 'ConstrainedLanguage'
        $session
    }

    function script:Invoke-Constrained([string] $Script) {
        $shell = [powershell]::Create($script:session)
        try {
            $output = @($shell.AddScript($Script).Invoke())
            $errors = @($shell.Streams.Error)
            $warnings = @($shell.Streams.Warning)
        }
        catch {
            $output = @()
            $errors = @($_)
        }
        finally {
            $shell.Dispose()
        }

        [pscustomobject]@{ Output = $output; Error = $errors; Warning = $warnings }
    }
}

Describe 'A session in constrained language mode' {
    BeforeEach {
        $script:written = Join-Path $TestDrive "written-$([guid]::NewGuid())"
        $script:forbidden = "[IO.File]::WriteAllText('$script:written', 'x')"
        Set-Content $script:modulePath ('function Get-Mode { $ExecutionContext.SessionState.LanguageMode }; ' +
            "function Set-It { $script:forbidden }")
        Set-Content $script:filePath $script:forbidden
        $script:session = New-ConstrainedSession
    }

    AfterEach {
        $script:session.Dispose()
    }

    It 'does not let <Name> do what it forbids' -ForEach @(
        @{ Name = 'a block'; Script = '1 | Invoke-Concurrent { FORBIDDEN }' }
        @{ Name = 'a block with a process part'; Script = '1 | Invoke-Concurrent { process { FORBIDDEN } }' }
        @{ Name = 'a block of a block'; Script = '1 | Invoke-Concurrent { 1 | Invoke-Concurrent { FORBIDDEN } }' }
        @{ Name = 'a block in a new runspace'; Script = '1 | Invoke-Concurrent { FORBIDDEN } -UseNewRunspace' }
        @{ Name = 'an argument'; Script = '1 | Invoke-Concurrent { param($b) & $b } -ArgumentList { FORBIDDEN }' }
        @{ Name = 'a carried function'; Script = 'function f { FORBIDDEN }; 1 | Invoke-Concurrent { f }' }
        @{ Name = 'a carried block'; Script = '$b = { FORBIDDEN }; 1 | Invoke-Concurrent { & $b }' }
        @{ Name = 'a $using: block'; Script = '$b = { FORBIDDEN }; 1 | Invoke-Concurrent { & $using:b }' }
        @{ Name = 'a function of a module in memory'; Script = '$m = New-Module { function g { FORBIDDEN } }; 1 | Invoke-Concurrent { g }' }
        @{ Name = 'a closure'; Script = 'function f { $y = 1; { $y; FORBIDDEN }.GetNewClosure() }; $b = f; 1 | Invoke-Concurrent { & $b }' }
        @{ Name = '-InitializationScript'; Script = '1 | Invoke-Concurrent { 1 } -InitializationScript { FORBIDDEN }' }
        @{ Name = '-FinalizationScript'; Script = '1 | Invoke-Concurrent { 1 } -FinalizationScript { FORBIDDEN }' }
        @{ Name = '-RetryOn'; Script = '1 | Invoke-Concurrent { throw 1 } -RetryCount 1 -RetryDelay 1ms -RetryOn { FORBIDDEN; $true }' }
        @{ Name = '-OnRetry'; Script = '1 | Invoke-Concurrent { throw 1 } -RetryCount 1 -RetryDelay 1ms -OnRetry { FORBIDDEN }' }
        @{ Name = '-RetryOn with a circuit breaker'
            Script = '$c = New-CircuitBreaker
                1 | Invoke-Concurrent { throw 1 } -RetryCount 1 -RetryDelay 1ms -CircuitBreaker $c -RetryOn { FORBIDDEN; $true }' }
        @{ Name = '-RetryOn with -Hedge'
            Script = '1 | Invoke-Concurrent { throw 1 } -Hedge 1ms -RetryCount 1 -RetryDelay 1ms -RetryOn { FORBIDDEN; $true }' }
        @{ Name = 'a module by its path'; Script = '1 | Invoke-Concurrent { Set-It } -Module MODULE' }
        @{ Name = 'a module that the session has imported'; Script = 'Import-Module MODULE; 1 | Invoke-Concurrent { Set-It }' }
        @{ Name = 'a job'; Script = 'Start-Throttled { FORBIDDEN } | Receive-Job -Wait' }
        @{
            Name = '-InitializationScript of a job'
            Script = 'Start-Throttled { 1 } -InitializationScript { FORBIDDEN } | Receive-Job -Wait'
        }
        @{
            Name = '-RetryOn of a job'
            Script = '1 | Start-Throttled { throw 1 } -RetryCount 1 -RetryDelay 1ms -RetryOn { FORBIDDEN; $true } | Receive-Job -Wait'
        }
        @{
            Name = '-OnRetry of a job'
            Script = '1 | Start-Throttled { throw 1 } -RetryCount 1 -RetryDelay 1ms -OnRetry { FORBIDDEN } | Receive-Job -Wait'
        }
        @{ Name = 'a file'; Script = 'Start-Throttled -FilePath FILE | Receive-Job -Wait' }
        @{ Name = 'a block that makes addresses'; Script = '1 | Invoke-Concurrent -Uri { FORBIDDEN; "http://127.0.0.1:1" }' }
        @{ Name = 'Invoke-WithRetry'; Script = 'Invoke-WithRetry { FORBIDDEN } -RetryCount 0' }
        @{
            Name = '-RetryOn of Invoke-WithRetry'
            Script = 'Invoke-WithRetry { throw 1 } -RetryCount 1 -RetryDelay 1ms -RetryOn { FORBIDDEN; $true }'
        }
        @{
            Name = '-OnRetry of Invoke-WithRetry'
            Script = 'Invoke-WithRetry { throw 1 } -RetryCount 1 -RetryDelay 1ms -OnRetry { FORBIDDEN }'
        }
        @{ Name = '-Hedge of Invoke-WithRetry'; Script = 'Invoke-WithRetry { FORBIDDEN } -RetryCount 0 -Hedge 1ms' }
        @{ Name = 'Wait-WithTimeout'; Script = 'Wait-WithTimeout { FORBIDDEN } -Timeout 1m' }
        @{ Name = 'a stream'; Script = 'Read-AsyncStream (New-AsyncStream { FORBIDDEN })' }
        @{ Name = 'Use-Throttle'; Script = 'Use-Throttle (New-Throttle 1) { FORBIDDEN }' }
        @{ Name = 'New-AsyncPool'; Script = 'Use-AsyncPool (New-AsyncPool { FORBIDDEN; 1 }) { 1 }' }
        @{ Name = 'Use-AsyncPool'; Script = 'Use-AsyncPool (New-AsyncPool { 1 }) { FORBIDDEN }' }
        @{
            Name = '-Validate of a pool'
            Script = '$p = New-AsyncPool { 1 } -Validate { FORBIDDEN; $true }; 1..2 | ForEach-Object { Use-AsyncPool $p { 1 } }'
        }
        @{ Name = '-Reset of a pool'; Script = '$p = New-AsyncPool { 1 } -Reset { FORBIDDEN }; Use-AsyncPool $p { 1 }' }
        @{ Name = 'Get-AsyncCache'; Script = 'Get-AsyncCache (New-AsyncCache) k { FORBIDDEN; 1 }' }
        @{ Name = 'the resource of Use-AsyncResource'; Script = 'Use-AsyncResource { FORBIDDEN; 1 } { 1 } -Exit { }' }
        @{ Name = 'the block of Use-AsyncResource'; Script = 'Use-AsyncResource { 1 } { FORBIDDEN } -Exit { } -Timeout 1m' }
        @{ Name = '-Exit of Use-AsyncResource'; Script = 'Use-AsyncResource { 1 } { 1 } -Exit { FORBIDDEN }' }
        @{ Name = 'Use-TaskGroup'; Script = 'Use-TaskGroup { FORBIDDEN }' }
        @{ Name = 'a job of a group'; Script = 'Use-TaskGroup { Start-Throttled { FORBIDDEN } }' }
        @{
            Name = 'a handler'
            Script = '$b = New-AsyncEventBus; $null = Register-AsyncEvent $b t { FORBIDDEN }; Publish-AsyncEvent $b t 1 -Wait'
        }
        @{
            Name = '-Filter of a handler'
            Script = '$b = New-AsyncEventBus; $null = Register-AsyncEvent $b t { 1 } -Filter { FORBIDDEN; $true }
                Publish-AsyncEvent $b t 1 -Wait'
        }
    ) {
        $run = Invoke-Constrained $Script.Replace('FORBIDDEN', $script:forbidden).Replace('MODULE', $script:modulePath).Replace('FILE',
            $script:filePath)
        Test-Path $script:written | Should -BeFalse
        $run.Output | Should -Not -Contain 'FullLanguage'
    }

    It 'does not let a shutdown action do what it forbids' {
        $null = Invoke-Constrained "Register-ShutdownAction { $script:forbidden }"
        $script:session.Dispose()
        Test-Path $script:written | Should -BeFalse
    }

    It 'runs what it allows: <Name>' -ForEach @(
        @{ Name = 'a block'; Script = '2 | Invoke-Concurrent { $_ * 2 }' }
        @{ Name = 'a module'; Script = '1 | Invoke-Concurrent { if ((Get-Mode) -eq "ConstrainedLanguage") { 4 } } -Module MODULE' }
        @{
            Name = 'a retry filter'
            Script = '$t = @{ n = 0 }
                1 | Invoke-Concurrent { if (++$t.n -lt 2) { throw 1 }; 4 } -RetryCount 1 -RetryDelay 1ms -RetryOn { $_ -ne $null }'
        }
        @{ Name = 'a task group'; Script = '$x = 0; $null = Use-TaskGroup { $x = 4; 1 | Start-Throttled { $_ } }; $x' }
        @{ Name = 'a transaction with a time-out'; Script = 'Use-AsyncResource { 4 } { $_ } -Exit { } -Timeout 1m' }
        @{
            Name = 'an event handler'
            Script = '$b = New-AsyncEventBus; $t = @{}
                $null = Register-AsyncEvent $b t { $t.n = $_.Data } -Filter { $true }
                Publish-AsyncEvent $b t 4 -Wait; $t.n'
        }
    ) {
        $run = Invoke-Constrained $Script.Replace('MODULE', $script:modulePath)
        $run.Error | Should -BeNullOrEmpty
        $run.Output | Should -Be 4
    }

    It 'shows the errors and warnings of a task group as they are' {
        $run = Invoke-Constrained 'Use-TaskGroup { Write-Error e; Write-Warning w; 1 }'
        $run.Output | Should -Be 1
        $run.Warning.Message | Should -Be 'w'
        $run.Error.Exception.Message | Should -Be 'e'
    }

    It 'keeps a constrained function constrained where trusted code carries it' {
        $run = Invoke-Constrained "function f { $script:forbidden }"
        $run.Error | Should -BeNullOrEmpty
        $script:session.SessionStateProxy.LanguageMode = 'FullLanguage'
        $run = Invoke-Constrained '1 | Invoke-Concurrent { f }'
        $run.Error.Count | Should -Be 1
        Test-Path $script:written | Should -BeFalse
    }
}
