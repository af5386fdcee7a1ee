#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# A failure is a failure with any preference of the caller; the preference decides only what is shown.

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force

    # Pester runs its tests in a `try`, where a statement-terminating error ends the test with any preference. In a separate session, it
    # ends the statement.
    $session = [powershell]::Create()
    $null = $session.AddScript("Import-Module '$PSScriptRoot/../output/AsyncPs'").Invoke()
    function Invoke-Statement([string] $Preference, [string] $Script) {
        $session.Commands.Clear()
        $session.Streams.ClearStreams()
        $session.AddScript("`$ErrorActionPreference = '$Preference'; `$global:Error.Clear(); $Script").Invoke()
    }
}

AfterAll {
    $session.Runspace.Dispose()
}

Describe 'A caller that silences errors' {
    Context 'with $ErrorActionPreference = <_>' -ForEach 'SilentlyContinue', 'Ignore' {
        BeforeEach {
            $ErrorActionPreference = $_
        }

        It 'has a throw end its item' {
            1..3 | Invoke-Concurrent { if ($_ -eq 2) { throw 'x' }; "deployed $_" } -Ordered | Should -Be 'deployed 1', 'deployed 3'
        }

        It 'has a throw end the call with -FailFast' {
            Invoke-Statement $_ {
                1..3 | Invoke-Concurrent { if ($_ -eq 2) { throw 'x' }; "deployed $_" } -FailFast -ThrottleLimit 1
                $Error[0].FullyQualifiedErrorId
            } | Should -Be 'deployed 1', 'FailFast,AsyncPs.Commands.InvokeConcurrentCommand'
        }

        It 'is told of a failure by -AsResult' {
            (1 | Invoke-Concurrent { throw 'x' } -AsResult).Status | Should -Be Failed
            (1 | Invoke-Concurrent { 1 / 0 } -AsResult).Status | Should -Be Failed
        }

        It 'has what fails tried again' {
            (1 | Invoke-Concurrent { throw 'x' } -RetryCount 2 -RetryDelay 0 -AsResult).Attempt | Should -Be 3
        }

        It 'opens a circuit breaker' {
            $breaker = New-CircuitBreaker -MinimumThroughput 2
            1..2 | Invoke-Concurrent { throw 'x' } -CircuitBreaker $breaker -ThrottleLimit 1
            $breaker.State | Should -Be Open
        }

        It 'has a throwing job fail, as a thread job does' {
            foreach ($job in (Start-Throttled { throw 'x' }), (Start-ThreadJob { throw 'x' })) {
                $null = $job | Wait-Job -Timeout 60
                $job.State | Should -Be Failed
                $null = $job | Receive-Job
                $job | Remove-Job
            }
        }

        It 'finds the failure of a task group in -ErrorVariable' {
            Invoke-Statement $_ {
                Use-TaskGroup { Start-Throttled { throw 'x' } } -ErrorVariable failed
                $failed.Count; $Error[0].Exception.InnerExceptions.Message
            } | Should -Be 1, 'x'
        }

        It 'caches nothing that comes after a throw' {
            Invoke-Statement $_ {
                $cache = New-AsyncCache
                Get-AsyncCache $cache key { throw 'x'; 'cached' }
                Get-AsyncCache $cache key { 'computed' }
            } | Should -Be 'computed'
        }

        It 'gets nothing from Wait-WithTimeout that comes after a throw' {
            Wait-WithTimeout { throw 'x'; 'after' } 1m | Should -BeNullOrEmpty
        }

        It 'has Invoke-WithRetry try again' {
            Invoke-Statement $_ {
                $count = 0
                Invoke-WithRetry { $count++; if ($count -lt 3) { throw 'x' }; $count } -Count 3 -Delay 0
                $count = 0
                Invoke-WithRetry { $count++; if ($count -lt 3) { throw 'x' }; $count } -Count 3 -Delay 0 -Timeout 1m
            } | Should -Be 3, 3
        }

        It 'has Use-AsyncResource roll back' {
            Invoke-Statement $_ {
                $connection = [pscustomobject] @{ Ended = '' } |
                    Add-Member -PassThru ScriptMethod BeginTransaction { $this } |
                    Add-Member -PassThru ScriptMethod Commit { $this.Ended = 'committed' } |
                    Add-Member -PassThru ScriptMethod Rollback { $this.Ended = 'rolled back' } |
                    Add-Member -PassThru ScriptMethod Dispose { }
                Use-AsyncResource $connection { throw 'x'; 'after' } -Transaction
                $connection.Ended
            } | Should -Be 'rolled back'
        }

        It 'has Use-AsyncResource tell the exit block of the failure' {
            Invoke-Statement $_ {
                $exit = @{}
                Use-AsyncResource 'r' { throw 'x'; 'after' } -Exit { $exit.Failure = "$($args[0])" }
                $exit.Failure
            } | Should -Be 'x'
        }

        It 'has Use-AsyncPool let go of an object with which a block has failed' {
            $ids = Invoke-Statement $_ {
                $made = @{ Count = 0 }
                $pool = New-AsyncPool { $made.Count++; [pscustomobject] @{ Id = [guid]::NewGuid() } } -MaxSize 1
                Use-AsyncPool $pool { $_.Id; throw 'x'; 'after' }
                Use-AsyncPool $pool { $_.Id }
            }
            $ids | Should -HaveCount 2
            $ids[1] | Should -Not -Be $ids[0]
        }

        It 'finds its preference as it was' {
            Invoke-Statement $_ {
                Invoke-WithRetry { throw 'x' } -Count 1 -Delay 0
                $ErrorActionPreference
                Invoke-WithRetry { $ErrorActionPreference = 'Stop' }
                $ErrorActionPreference
            } | Should -Be $_, 'Stop'
        }
    }

    It 'finds the errors in -ErrorVariable and $Error, as with ForEach-Object -Parallel' {
        $ErrorActionPreference = 'SilentlyContinue'
        $global:Error.Clear()
        1..3 | Invoke-Concurrent { if ($_ -eq 2) { throw 'x' }; 1 / 0 } -ErrorVariable own -ThrottleLimit 1 | Should -BeNullOrEmpty
        $all = $global:Error.Count
        1..3 | ForEach-Object -Parallel { if ($_ -eq 2) { throw 'x' }; 1 / 0 } -ErrorVariable peer -ThrottleLimit 1
        "$own" | Should -Be "$peer"
        $all | Should -Be 3
    }

    It 'is a function called with -ErrorAction SilentlyContinue too' {
        function Publish([Parameter(ValueFromPipeline)] $Item) {
            begin { $items = @() }
            process { $items += $Item }
            end { $items | Invoke-Concurrent { if ($_ -eq 2) { throw 'x' }; $_ } -Ordered }
        }

        1..3 | Publish -ErrorAction SilentlyContinue -ErrorVariable failed | Should -Be 1, 3
        "$failed" | Should -Be 'x'
    }

    It 'is shown no error, and finds them all in $Error' {
        Invoke-Statement SilentlyContinue {
            1 | Invoke-Concurrent { Write-Error 'a'; 1 / 0; throw 'b' }
            Use-TaskGroup { Write-Error 'c'; $null = Start-Throttled { throw 'd' } }
            Invoke-WithRetry { Write-Error 'e'; 1 / 0; throw 'f' } -Count 1 -Delay 0
            foreach ($said in 'a', 'b', 'c', 'e', 'f') { if ("$Error" -notmatch "\b$said\b") { "lost: $said" } }
        } | Should -BeNullOrEmpty
        $session.Streams.Error | Should -BeNullOrEmpty
    }
}

Describe 'A caller that silences warnings' {
    It 'finds them in -WarningVariable' {
        $WarningPreference = 'SilentlyContinue'
        1 | Invoke-Concurrent { Write-Warning 'mind' } -WarningVariable minded 3>&1 | Should -BeNullOrEmpty
        "$minded" | Should -Be 'mind'
    }
}

Describe 'The type of an exception' {
    It 'is that of the cause for -RetryOn, with $ErrorActionPreference = <_>' -ForEach 'Continue', 'Stop' {
        $ErrorActionPreference = $_
        $retry = @{ RetryCount = 2; RetryDelay = 0; RetryOn = 'FileNotFoundException' }
        (1 | Invoke-Concurrent { [IO.File]::ReadAllText('/nonexist') } @retry -AsResult).Attempt |
            Should -Be 3
        (1 | Invoke-Concurrent { 1 / 0 } -RetryCount 2 -RetryDelay 0 -RetryOn DivideByZeroException -AsResult).Attempt | Should -Be 3
        (1 | Invoke-Concurrent { 1 / 0 } -RetryCount 2 -RetryDelay 0 -RetryOn FileNotFoundException -AsResult).Attempt | Should -Be 1
    }

    It 'is what a catch finds after <Name>, as it does for the statement in place' -ForEach @(
        @{ Name = '-FailFast'; Run = { param($block) 1 | Invoke-Concurrent $block -FailFast } }
        @{ Name = '-ErrorAction Stop'; Run = { param($block) 1 | Invoke-Concurrent $block -ErrorAction Stop } }
        @{ Name = '$ErrorActionPreference = Stop'; Run = { param($block) $ErrorActionPreference = 'Stop'; 1 | Invoke-Concurrent $block } }
        @{ Name = 'Use-TaskGroup with a job'; Run = { param($block) Use-TaskGroup { Start-Throttled $block } } }
        @{ Name = 'Use-TaskGroup'; Run = { param($block) Use-TaskGroup $block } }
        @{ Name = 'Invoke-WithRetry'; Run = { param($block) Invoke-WithRetry $block -RetryCount 0 } }
        @{ Name = 'nothing but the call operator'; Run = { param($block) & $block } }
    ) {
        $(try { & $Run { [IO.File]::ReadAllText('/nonexist') } } catch [IO.FileNotFoundException] { 'found' } catch { "lost: $_" }) |
            Should -Be 'found'
        $(try { & $Run { 1 / 0 } } catch [DivideByZeroException] { 'found' } catch { "lost: $_" }) | Should -Be 'found'
        $(try { & $Run { throw [TimeoutException] 'x' } } catch [TimeoutException] { 'found' } catch { "lost: $_" }) | Should -Be 'found'
        $(
            try { & $Run { Get-Item /nonexist -ErrorAction Stop } }
            catch [System.Management.Automation.ItemNotFoundException] { 'found' }
            catch { "lost: $_" }
        ) | Should -Be 'found'
        $(
            try { & $Run { Find-NoSuchCommand } }
            catch [System.Management.Automation.CommandNotFoundException] { 'found' }
            catch { "lost: $_" }
        ) | Should -Be 'found'
        $(try { & $Run { [int] 'x' } } catch [System.Management.Automation.PSInvalidCastException] { 'found' } catch { "lost: $_" }) |
            Should -Be 'found'
    }
}

Describe 'The stack trace of an error' {
    BeforeAll {
        # The same script in place and in workers: all frames are the same, from the block's to the caller's.
        function Get-Trace([string] $Name, [string] $Call, [string] $Body) {
            $file = "$TestDrive/$Name.ps1"
            Set-Content $file @"
function Stop-Here { $Body }
function Invoke-Here {
    1 | $Call
}
Invoke-Here
"@
            $session.Commands.Clear()
            $session.Streams.ClearStreams()
            $text = "`$ErrorActionPreference = 'Continue'; `$r = try { & '$file' 2>&1 } catch { `$_ }; " +
                '@($r | Where-Object { $_ -is [Management.Automation.ErrorRecord] })[0].ScriptStackTrace'
            ($session.AddScript($text).Invoke() -join '') -replace [regex]::Escape($file), 'FILE'
        }
    }

    It 'is what it is in place, up to the caller: <Body> by <Call>' -ForEach $(
        foreach ($body in "throw 'x'", "Write-Error 'x'", '1/0', 'Get-Item /nonexist', 'Find-NoSuchCommand', '[int]::Parse(''x'')') {
            foreach ($call in 'Invoke-Concurrent { Stop-Here }',
                'Invoke-Concurrent { Stop-Here } -AsResult | ForEach-Object Error',
                'Start-Throttled { Stop-Here } | Receive-Job -Wait') {
                @{ Body = $body; Call = $call }
            }
        }
    ) {
        $inPlace = Get-Trace inPlace 'ForEach-Object { Stop-Here }' $Body
        $inPlace | Should -BeLike ('at Stop-Here, FILE: line 1*at <ScriptBlock>, FILE: line 3*' +
            'at Invoke-Here, FILE: line 3*at <ScriptBlock>, FILE: line 5*')
        Get-Trace workers $Call $Body | Should -Be $inPlace
    }

    It 'goes through calls in blocks' {
        Get-Trace nested 'Invoke-Concurrent { 1 | Invoke-Concurrent { Stop-Here } }' 'throw 1' |
            Should -Be (Get-Trace inPlace2 'ForEach-Object { 1 | ForEach-Object { Stop-Here } }' 'throw 1')
    }
}
