#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The checks of PSParallelPipeline's test suite for Invoke-Parallel, for Invoke-Concurrent, without the intended differences: common
# parameters and script blocks as values are allowed.

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
    . "$PSScriptRoot/Helpers.ps1"

    $patience = 60000
}

Describe 'Invoke-Concurrent as Invoke-Parallel of PSParallelPipeline is' {
    BeforeAll {
        function Get-Greeting($number) {
            'Good day, {0:D2}' -f $number
        }

        function Get-Completion([string] $line) {
            [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
        }

        $mostWarmWorkers = 64

        function Wait-RunspacesClosed($runspaces) {
            $runspaces.Count | Should -BeGreaterThan 0
            Wait-Until { -not (Get-Runspace | Where-Object InstanceId -In $runspaces) }
        }

        function Wait-WarmWorkersAtMost([int] $count) {
            Wait-Until { @(Get-Runspace | Where-Object Name -Like 'AsyncPs worker *').Count -le $count }
        }
    }

    Context 'streams' {
        It 'writes <Type> for <Case>' -ForEach @(
            @{ Case = 'output'; Type = [int]; Script = { 1 | Invoke-Concurrent { $_ } } }
            @{
                Case = 'errors'
                Type = [Management.Automation.ErrorRecord]
                Script = { 1 | Invoke-Concurrent { Write-Error $_ } -ErrorAction Continue 2>&1 }
            }
            @{
                Case = 'warnings'
                Type = [Management.Automation.WarningRecord]
                Script = { 1 | Invoke-Concurrent { Write-Warning $_ } 3>&1 }
            }
            @{
                Case = 'verbose messages'
                Type = [Management.Automation.VerboseRecord]
                Script = { 1 | Invoke-Concurrent { Write-Verbose $_ -Verbose } -Verbose 4>&1 }
            }
            @{
                Case = 'debug messages'
                Type = [Management.Automation.DebugRecord]
                Script = { 1 | Invoke-Concurrent { Write-Debug $_ -Debug } -Debug 5>&1 }
            }
            @{
                Case = 'Write-Host'
                Type = [Management.Automation.InformationRecord]
                Script = { 1 | Invoke-Concurrent { Write-Host $_ } 6>&1 }
            }
        ) {
            $record = & $Script
            $record | Should -BeOfType $Type
            "$record" | Should -Be '1'
        }

        It 'keeps progress out of the output' {
            $ProgressPreference = 'SilentlyContinue'
            $null | Invoke-Concurrent {
                1..10 | ForEach-Object { Write-Progress -Activity 'Counting' -PercentComplete (10 * $_) }
                Write-Progress -Activity 'Counting' -Completed
            } -ErrorVariable failed | Should -BeNullOrEmpty
            $failed | Should -BeNullOrEmpty
        }
    }

    Context 'common parameters' {
        It 'ends the command with <Parameter> Stop' -ForEach @(
            @{ Parameter = '-ErrorAction'; Script = { 1 | Invoke-Concurrent { Write-Error "no $_" } -ErrorAction Stop } }
            @{ Parameter = '-WarningAction'; Script = { 1 | Invoke-Concurrent { Write-Warning "no $_" } -WarningAction Stop 3> $null } }
            @{
                Parameter = '-InformationAction'
                Script = { 1 | Invoke-Concurrent { Write-Host "no $_" } -InformationAction Stop 6> $null }
            }
        ) {
            $Script | Should -Throw '*no 1'
        }

        It 'drops records with <Parameter> Ignore' -ForEach @(
            @{ Parameter = '-ErrorAction'; Script = { 1 | Invoke-Concurrent { Write-Error $_; 'on' } -ErrorAction Ignore *>&1 } }
            @{ Parameter = '-WarningAction'; Script = { 1 | Invoke-Concurrent { Write-Warning $_; 'on' } -WarningAction Ignore *>&1 } }
            @{ Parameter = '-InformationAction'; Script = { 1 | Invoke-Concurrent { Write-Host $_; 'on' } -InformationAction Ignore *>&1 } }
        ) {
            & $Script | Should -Be 'on'
        }

        It 'fills -PipelineVariable' {
            1 | Invoke-Concurrent { $_ } -PipelineVariable number | ForEach-Object { Get-Variable number -ValueOnly } | Should -Be 1
        }
    }

    Context 'runspaces' {
        It 'uses runspaces again, at most one for each that the limit allows' {
            $used = 0..10 | Invoke-Concurrent { [runspace]::DefaultRunspace.InstanceId } -ThrottleLimit 5
            $used | Should -HaveCount 11
            @($used | Sort-Object -Unique).Count | Should -BeLessOrEqual 5
        }

        It 'uses none that it has used before, with -UseNewRunspace' {
            $first = 0..10 | Invoke-Concurrent { [runspace]::DefaultRunspace.InstanceId } -UseNewRunspace
            $second = 0..10 | Invoke-Concurrent { [runspace]::DefaultRunspace.InstanceId } -UseNewRunspace
            $first + $second | Sort-Object -Unique | Should -HaveCount 22
            $second | Should -Not -BeIn $first
            Wait-RunspacesClosed ($first + $second)
        }
    }

    Context 'what blocks are given' {
        It 'gives variables' {
            $results = 0..10 | Invoke-Concurrent { $greeting -f $_ } -NoCapture -Variable @{ greeting = 'Good day, {0:D2}' }
            $results | Sort-Object | Should -Be (0..10 | ForEach-Object { Get-Greeting $_ })
        }

        It 'gives functions' {
            $results = 0..10 | Invoke-Concurrent { Get-Greeting $_ } -NoCapture -Function Get-Greeting
            $results | Sort-Object | Should -Be (0..10 | ForEach-Object { Get-Greeting $_ })
        }

        It 'refuses functions that are not there, with input and without' {
            $id = 'FunctionNotFound,AsyncPs.Commands.InvokeConcurrentCommand'
            { Invoke-Concurrent { } -Function Get-NoGreeting } | Should -Throw '*Get-NoGreeting*' -ErrorId $id
            { 1 | Invoke-Concurrent { } -Function Get-NoGreeting } | Should -Throw '*Get-NoGreeting*' -ErrorId $id
        }

        It 'completes names of functions' {
            (Get-Completion 'Invoke-Concurrent -Function Get-Compl').ListItemText | Should -Contain 'Get-Completion'
            Get-Completion 'Invoke-Concurrent -Function Get-NoGreeting' | Should -BeNullOrEmpty
        }

        It 'gives $using: variables' {
            $greeting = 'Good day, {0:D2}'
            0..10 | Invoke-Concurrent { $using:greeting -f $_ } | Sort-Object | Should -Be (0..10 | ForEach-Object { Get-Greeting $_ })
        }

        It 'gives their elements, by position and by key' {
            $list = 0..10
            $table = @{ key = 'value' }
            1 | Invoke-Concurrent { $using:list[-1]; $using:table['KEY'] } | Should -Be 10, 'value'
        }

        It 'gives what their members have' {
            $table = @{ outer = @{ inner = [pscustomobject]@{ List = 0..10 } } }
            1 | Invoke-Concurrent { $using:table['outer']['inner'].List[5] } | Should -Be 5
        }

        It 'shares one object with all blocks' {
            $processes = [Collections.Concurrent.ConcurrentDictionary[int, object]]::new()
            Get-Process | Invoke-Concurrent { ($using:processes).TryAdd($_.Id, $_) } | Should -Contain $true
            $processes[$PID].ProcessName | Should -Be (Get-Process -Id $PID).ProcessName
        }
    }

    Context 'the limit and the time' {
        It 'runs five at once by default, and as many as the limit says' {
            $meeting = [Threading.Barrier]::new(5)
            1..5 | Invoke-Concurrent { ($using:meeting).SignalAndWait($using:patience) } | Should -Be (, $true * 5)
            $meeting = [Threading.Barrier]::new(11)
            0..10 | Invoke-Concurrent { ($using:meeting).SignalAndWait($using:patience) } -ThrottleLimit 11 | Should -Be (, $true * 11)
        }

        It 'runs never more than the limit says' {
            $running = [Threading.SemaphoreSlim]::new(5, 5)
            1..50 | Invoke-Concurrent {
                $free = ($using:running).Wait(0)
                Start-Sleep -Milliseconds 2
                $free
                if ($free) {
                    $null = ($using:running).Release()
                }
            } -ThrottleLimit 5 | Should -Be (, $true * 50)
        }

        It 'stops what runs when the time is over, with <Limit> at once, and closes its runspaces' -ForEach @(
            @{ Limit = 5 }
            @{ Limit = 40 }
        ) {
            $used = [Collections.Concurrent.ConcurrentQueue[guid]]::new()
            $timedOut = 0
            foreach ($run in 1..3) {
                try {
                    1..100 |
                        Invoke-Concurrent {
                            ($using:used).Enqueue([runspace]::DefaultRunspace.InstanceId); Start-Sleep 600
                        } -Timeout 300ms -ThrottleLimit $Limit -UseNewRunspace -ErrorAction Stop
                }
                catch [TimeoutException] {
                    $timedOut++
                }
            }

            $timedOut | Should -Be 3
            Wait-RunspacesClosed $used
        }
    }

    Context 'Select-Object -First' {
        It 'takes what running blocks have written, and stops them' {
            $never = [Threading.ManualResetEventSlim]::new()
            $waited = [Collections.Concurrent.ConcurrentQueue[int]]::new()
            1..50 | Invoke-Concurrent {
                0..10
                if (-not ($using:never).Wait($using:patience)) {
                    ($using:waited).Enqueue($_)
                }
            } -ThrottleLimit 50 | Select-Object -First 5 | Should -HaveCount 5
            $waited.Count | Should -Be 0
        }

        It 'does not wait for other items' {
            $never = [Threading.ManualResetEventSlim]::new()
            $waited = [Collections.Concurrent.ConcurrentQueue[int]]::new()
            1..50 | Invoke-Concurrent {
                if ($_ -gt 10 -and -not ($using:never).Wait($using:patience)) {
                    ($using:waited).Enqueue($_)
                }

                $_
            } -ThrottleLimit 50 | Select-Object -First 10 | Sort-Object | Should -Be (1..10)
            $waited.Count | Should -Be 0
        }

        It 'stops what makes the input' {
            $made = [Collections.Generic.List[int]]::new()
            1..1000000 | ForEach-Object { $made.Add($_); $_ } | Invoke-Concurrent { $_ } | Select-Object -First 10 | Should -HaveCount 10
            $made.Count | Should -BeLessThan 1000000
        }

        It 'leaves no more runspaces than are kept warm' {
            foreach ($run in 1..100) {
                0..10 | Invoke-Concurrent { $_ } -ThrottleLimit 11 | Select-Object -First 1 | Should -HaveCount 1
            }

            Wait-WarmWorkersAtMost $mostWarmWorkers
        }

        It 'leaves none with -UseNewRunspace' {
            $used = [Collections.Concurrent.ConcurrentQueue[guid]]::new()
            foreach ($run in 1..20) {
                0..10 | Invoke-Concurrent {
                    ($using:used).Enqueue([runspace]::DefaultRunspace.InstanceId)
                    $_
                } -ThrottleLimit 11 -UseNewRunspace | Select-Object -First 10 | Should -HaveCount 10
            }

            Wait-RunspacesClosed $used
        }
    }

    Context 'Ctrl+C' {
        It 'stops what runs, <Case>' -ForEach @(
            @{ Case = 'on warm workers'; New = $false }
            @{ Case = 'with -UseNewRunspace'; New = $true }
        ) {
            $used = [Collections.Concurrent.ConcurrentQueue[guid]]::new()
            $runspace = [runspacefactory]::CreateRunspace()
            $runspace.Open()
            try {
                foreach ($run in 1..3) {
                    $started = [Threading.CountdownEvent]::new(20)
                    $shell = [powershell]::Create($runspace)
                    $null = $shell.AddScript({
                        param($module, $used, $started, $new)
                        Import-Module $module
                        1..100 | Invoke-Concurrent {
                            $used.Enqueue([runspace]::DefaultRunspace.InstanceId)
                            $null = $started.Signal()
                            Start-Sleep 600
                        } -ThrottleLimit 20 -UseNewRunspace:$new
                    }.ToString())
                    $null = $shell.AddArgument("$PSScriptRoot/../output/AsyncPs").AddArgument($used).AddArgument($started).AddArgument($New)
                    $call = $shell.BeginInvoke()
                    $started.Wait($patience) | Should -BeTrue
                    $shell.Stop()
                    $call.AsyncWaitHandle.WaitOne($patience) | Should -BeTrue
                    $shell.InvocationStateInfo.State | Should -Be 'Stopped'
                    $shell.Dispose()
                }

                $used.Count | Should -Be 60
                if ($New) {
                    Wait-RunspacesClosed $used
                }
                else {
                    Wait-WarmWorkersAtMost $mostWarmWorkers
                }
            }
            finally {
                $runspace.Dispose()
            }
        }
    }
}
