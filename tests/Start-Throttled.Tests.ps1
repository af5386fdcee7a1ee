#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
    . "$PSScriptRoot/Helpers.ps1"
}

# The tests of Start-ThreadJob, for Start-Throttled.
Describe 'Start-Throttled as other jobs are' {
    BeforeAll {
        $script1 = Join-Path $TestDrive 'lines.ps1'
        'for ($i = 0; $i -lt 10; $i++) { Write-Output "Hello $i" }' > $script1
        $script2 = Join-Path $TestDrive 'arguments.ps1'
        'param ($first, $second) $first; $second' > $script2
        $script3 = Join-Path $TestDrive 'input.ps1'
        '$input | ForEach-Object { $_ }' > $script3
        $script4 = Join-Path $TestDrive 'using.ps1'
        '$using:text; $($using:list)[2]; @(, $using:list)' > $script4
        $script5 = Join-Path $TestDrive 'both.ps1'
        'param ([string] $first) "$first $using:text $using:number"' > $script5
    }

    AfterEach {
        Get-Job | Remove-Job -Force 3>$null
    }

    It 'runs a block' {
        Start-Throttled -ScriptBlock { 'Hello' } | Receive-Job -Wait | Should -Be 'Hello'
    }

    It 'runs an initialization before it' {
        Start-Throttled { 'Goodbye' } -InitializationScript { 'Hello' } | Receive-Job -Wait | Should -Be 'Hello', 'Goodbye'
    }

    It 'passes arguments' {
        Start-Throttled { param ($a, $b) $a; $b } -ArgumentList 'Hello', 'Goodbye' | Receive-Job -Wait | Should -Be 'Hello', 'Goodbye'
    }

    It 'passes input' {
        'Hello', 'Goodbye' | Start-Throttled { $input | ForEach-Object { $_ } } | Receive-Job -Wait | Sort-Object |
            Should -Be 'Goodbye', 'Hello'
    }

    It 'passes $using: variables' {
        $text = 'Hello'
        $list = 1..5
        $global:GlobalText = 'global'
        $results = Start-Throttled { $using:text; ($using:list)[1]; @(, $using:list); $using:GlobalText } | Receive-Job -Wait
        $results[0] | Should -Be 'Hello'
        $results[1] | Should -Be 2
        $results[2] | Should -Be $list
        $results[3] | Should -Be 'global'
    }

    It 'passes $using: variables and arguments' {
        $text = 'Hello'
        $number = 52
        Start-Throttled { param ([string] $a) "$using:text $a $using:number" } -ArgumentList 'There' | Receive-Job -Wait |
            Should -Be 'Hello There 52'
    }

    It 'runs a file' {
        $results = Start-Throttled -FilePath $script1 | Receive-Job -Wait
        $results | Should -HaveCount 10
        $results[9] | Should -Be 'Hello 9'
    }

    It 'runs a file after an initialization' {
        $results = Start-Throttled -FilePath $script1 -Initialization { 'Goodbye' } | Receive-Job -Wait
        $results | Should -HaveCount 11
        $results[0] | Should -Be 'Goodbye'
    }

    It 'passes a file arguments, input and $using: variables' {
        $text = 'There'
        $number = 60
        $list = 1..10
        Start-Throttled -FilePath $script2 -ArgumentList 'Hello', 'Goodbye' | Receive-Job -Wait | Should -Be 'Hello', 'Goodbye'
        'Hello', 'Goodbye' | Start-Throttled -FilePath $script3 | Receive-Job -Wait | Sort-Object | Should -Be 'Goodbye', 'Hello'
        $results = Start-Throttled -FilePath $script4 | Receive-Job -Wait
        $results[0] | Should -Be 'There'
        $results[1] | Should -Be 3
        $results[2] | Should -Be $list
        Start-Throttled -FilePath $script5 -ArgumentList 'Hello' | Receive-Job -Wait | Should -Be 'Hello There 60'
    }

    It 'gives the reason of a failure' {
        $job = Start-Throttled { throw 'MyError!' } | Wait-Job
        $job.State | Should -Be Failed
        $job.JobStateInfo.Reason.Message | Should -Be 'MyError!'
        (Receive-Job $job 2>&1).ToString() | Should -Be 'MyError!'
    }

    It 'writes the error that has ended it with its id, its position and its stack, received <How>' -ForEach @(
        @{ How = 'after its end'; Receive = { param($job) $null = Wait-Job $job; Receive-Job $job } }
        @{ How = 'with -Keep'; Receive = { param($job) $null = Wait-Job $job; Receive-Job $job -Keep } }
        @{ How = 'with -Wait'; Receive = { param($job) Receive-Job $job -Wait } }
        @{ How = 'with -Wait and -AutoRemoveJob'; Receive = { param($job) $job | Receive-Job -Wait -AutoRemoveJob } }
        @{ How = 'in a block'; Receive = { param($job) , $job | Invoke-Concurrent { Receive-Job $_ -Wait } } }
    ) {
        $file = Join-Path $TestDrive 'failing.ps1'
        Set-Content $file @'
function Stop-Here { throw [Management.Automation.ErrorRecord]::new([IO.IOException]::new('over'), 'OwnId', 'ReadError', 'target') }

Stop-Here
'@
        $job = Start-Throttled -FilePath $file
        $received = @(& $Receive $job 2>&1)
        $received | Should -HaveCount 1
        $received[0].FullyQualifiedErrorId | Should -Be 'OwnId'
        $received[0].CategoryInfo.Category | Should -Be 'ReadError'
        $received[0].Exception | Should -BeOfType ([IO.IOException])
        $received[0].InvocationInfo.ScriptName | Should -Be $file
        $received[0].InvocationInfo.ScriptLineNumber | Should -Be 1
        ($received[0].ScriptStackTrace -split '\r?\n')[0..1] |
            Should -Be "at Stop-Here, ${file}: line 1", "at <ScriptBlock>, ${file}: line 3"
        $job.JobStateInfo.Reason.Message | Should -Be 'over'
    }

    It 'ends although a handler of its state fails' {
        $job = Start-Throttled { Start-Sleep -Milliseconds 100; 1; 2 }
        $job.add_StateChanged({ throw 'handler' })

        # The handler runs in this session, between its statements.
        Wait-Until { $job.State -eq 'Completed' }
        $job | Receive-Job -Wait | Should -Be 1, 2
    }

    It 'has failed where a handler of what it writes fails, and others have not: <_>' -ForEach 'add_DataAdded', 'add_DataAdding' {
        $go = [Threading.ManualResetEventSlim]::new()
        $job, $other = Start-Throttled { $go.Wait(); 1; 2 }, { $go.Wait(); 3 }
        $job.Output.$_({ throw 'handler' })
        $go.Set()
        $null = $job, $other | Wait-Job
        $job.State | Should -Be Failed
        "$($job.Failure)" | Should -Be handler
        $other | Receive-Job | Should -Be 3
    }

    It 'has every stream' {
        $job = Start-Throttled {
            Write-Error 'ErrorOut'
            Write-Warning 'WarningOut'
            Write-Verbose 'VerboseOut' -Verbose
            Write-Debug 'DebugOut' -Debug
            Write-Information 'InformationOut'
            Write-Host 'HostOut'
            Write-Progress 'ProgressOut'
        } | Wait-Job
        $job.Error | Should -Be 'ErrorOut'
        $job.Warning | Should -Be 'WarningOut'
        $job.Verbose | Should -Be 'VerboseOut'
        $job.Debug | Should -Be 'DebugOut'
        $job.Information | Should -Be 'InformationOut', 'HostOut'
        $job.Progress.Activity | Should -Be 'ProgressOut'
        $job.State | Should -Be Completed
    }

    It 'has no more jobs running than the limit' {
        $two = New-Throttle -Limit 2
        $jobs = 1..4 | ForEach-Object { Start-Throttled { Start-Sleep -Seconds 60 } -Throttle $two }
        Wait-Until { @($jobs | Where-Object State -eq Running).Count -eq 2 }
        @($jobs | Where-Object State -eq NotStarted).Count | Should -Be 2
        $jobs | Remove-Job -Force
        Get-Job | Should -BeNullOrEmpty
        $two.Available | Should -Be 2
    }

    It 'removes jobs that were received' {
        1..4 | Start-Throttled { 1..2 | ForEach-Object { Start-Sleep -Milliseconds 10; "Output $_" } } |
            Receive-Job -Wait -AutoRemoveJob | Should -HaveCount 8
        Get-Job | Should -BeNullOrEmpty
    }

    It 'runs in the language mode and the location of the caller' {
        Push-Location $TestDrive
        (Start-Throttled { $ExecutionContext.SessionState.LanguageMode } | Receive-Job -Wait) | Should -Be FullLanguage
        (Start-Throttled { $pwd } | Receive-Job -Wait).Path | Should -Be $pwd.Path
        Pop-Location
    }

    It 'is stopped by StopJob and StopJobAsync' {
        $on = [Threading.CountdownEvent]::new(2)
        $first, $second = Start-Throttled { $null = $on.Signal(); while ($true) { } }, { $null = $on.Signal(); while ($true) { } }
        $on.Wait(60000) | Should -BeTrue
        $first.StopJob($true, 'No reason')
        $first.JobStateInfo.State | Should -Be Stopped
        $second.StopJobAsync($true, 'No reason')
        $null = Wait-Job $second
        $second.JobStateInfo.State | Should -Be Stopped
    }

    It 'is started out of turn by StartJobAsync' {
        $running, $waiting = 1..2 | Start-Throttled { Start-Sleep -Seconds 60 } -ThrottleLimit 1
        $waiting.JobStateInfo.State | Should -Be NotStarted
        $waiting.StartJobAsync()
        Wait-Until { $waiting.State -eq 'Running' }
    }

    It 'is found by its keys' {
        $job = Start-Throttled { 'Hello' } | Wait-Job
        Get-Job -InstanceId $job.InstanceId | Should -Be $job
        Get-Job -Name $job.Name | Should -Be $job
        Get-Job -Command ' "hello" ' | Should -BeNullOrEmpty
        Get-Job -Command " 'hello' " | Should -Be $job
        Get-Job -State $job.JobStateInfo.State | Should -Be $job
        Get-Job -Id $job.Id | Should -Be $job
        Get-Job -Filter @{ Id = $job.Id } 3>$null | Should -BeNullOrEmpty
    }
}

Describe 'Start-Throttled' {
    AfterEach {
        Get-Job | Remove-Job -Force 3>$null
    }

    It 'reports a failure that was not received' {
        $job = Start-Throttled { throw 'lost' } -Name orphan | Wait-Job
        Remove-Job $job 3>&1 | Should -BeLike '*orphan*lost*'
    }

    It 'does not take a look at the empty errors of a job that has failed for a look at its failure' {
        $job = Start-Throttled { throw 'lost' } -Name orphan | Wait-Job
        $job.Error.Count + $job.Output.Count + $job.Warning.Count | Should -Be 0
        $job.Error | Should -BeNullOrEmpty
        Remove-Job $job 3>&1 | Should -BeLike '*orphan*lost*'
    }

    It 'does not take a look at the output of a job for a look at its errors' {
        $job = Start-Throttled { Write-Error 'lost'; 1 } -Name orphan | Wait-Job
        $job.Output[0] | Should -Be 1
        Remove-Job $job 3>&1 | Should -BeLike '*orphan*lost*'
    }

    It 'says no more of a failure that <how>' -ForEach @(
        @{ How = 'was looked at'; Look = { $args[0].Failure } }
        @{ How = 'was received'; Look = { $args[0] | Receive-Job 2>&1 } }
        @{ How = 'was received and kept'; Look = { $args[0] | Receive-Job -Keep 2>&1 } }
        @{ How = 'was received after a look at the streams'; Look = { $null = $args[0].Error.Count; $args[0] | Receive-Job 2>&1 } }
        @{ How = 'was received in a block'; Look = { 1 | Invoke-Concurrent { $using:job | Receive-Job } 2>&1 } }
        @{ How = 'was waited for'; Look = { Wait-WithTimeout $args[0] -Timeout 1m 2>&1 } }
    ) {
        $job = Start-Throttled { throw 'seen' } | Wait-Job
        & $look $job | Should -BeLike '*seen*'
        Remove-Job $job 3>&1 | Should -BeNullOrEmpty
    }

    It 'says no more of written errors that were <how>' -ForEach @(
        @{ How = 'looked at'; Look = { $args[0].Error[0] } }
        @{ How = 'listed'; Look = { foreach ($e in $args[0].Error) { $e } } }
        @{ How = 'received'; Look = { $args[0] | Receive-Job 2>&1 } }
        @{ How = 'received and kept'; Look = { $args[0] | Receive-Job -Keep 2>&1 } }
    ) {
        $job = Start-Throttled { Write-Error 'seen' } | Wait-Job
        & $look $job | Should -BeLike '*seen*'
        Remove-Job $job 3>&1 | Should -BeNullOrEmpty
    }

    It 'says no more of a failure that was received as the job ended' {
        foreach ($i in 1..20) {
            $job = Start-Throttled { throw 'seen' }
            $job | Receive-Job -Wait 2>&1 | Should -BeLike '*seen*'
            Remove-Job $job 3>&1 | Should -BeNullOrEmpty
        }
    }

    It 'shows where an error comes from' {
        $file = Join-Path $TestDrive 'fails.ps1'
        "`n`nthrow 'here'" > $file
        $job = Start-Throttled -FilePath $file
        $record = $job | Receive-Job -Wait 2>&1
        $record.InvocationInfo.PositionMessage | Should -BeLike '*fails.ps1:3*'
        $job.Failure.InvocationInfo.ScriptLineNumber | Should -Be 3
    }

    It 'lets jobs wait for jobs under one limit' {
        $one = New-Throttle -Limit 1
        Start-Throttled -Throttle $one {
            Start-Throttled -Throttle $using:one {
                (Start-Throttled -Throttle $using:one { 'deepest' } | Wait-Job | Receive-Job) + '!'
            } | Receive-Job -Wait -AutoRemoveJob
        } | Receive-Job -Wait -AutoRemoveJob | Should -Be 'deepest!'
        $one.Available | Should -Be 1
    }

    It 'completes its parameters as Invoke-Concurrent does' {
        (TabExpansion2 'Start-Throttled -Timeout ' 25).CompletionMatches.Count | Should -BeGreaterThan 0
    }

    It 'stays clear of what a job is not' {
        $job = Start-Throttled { 1 }
        { $job.SuspendJob() } | Should -Throw '*cannot be suspended*'
        (Get-Command Start-Throttled).Parameters.Keys | Should -Not -Contain Ordered
    }
}
