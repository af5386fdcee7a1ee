#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Blocks in child processes: what crosses the border, how a call runs its items there, and what happens when a process dies.

BeforeDiscovery {
    # Each row runs in this session and in a child process, and writes the same.
    $same = @(
        @{ What = 'variables'; Code = { $x = 5; Run { $x + $_ } } }
        @{ What = 'variables with a scope'; Code = { $global:AsyncPsOne = 5; Run { $global:AsyncPsOne } } }
        @{ What = '$using:'; Code = { $x = @{ a = 1, 2 }; Run { $x = 0; $using:x.a[1] } } }
        @{ What = '-Variable'; Code = { $x = 1; Run { $x } -Variable @{ x = 2 } } }
        @{ What = '-NoCapture'; Code = { $x = 1; Run { "[$x][$($using:x)]" } -NoCapture } }
        @{ What = 'functions, and what they call'; Code = { function f { "f $(g)" }; function g($a = $y) { $a }; $y = 1; Run { f } } }
        @{ What = 'filters'; Code = { filter f { $_ * 2 }; Run { 1, 2 | f } } }
        @{ What = 'aliases'; Code = { Set-Alias aa f; function f { 'f' }; Run { aa } } }
        @{ What = 'script blocks as values'; Code = { $b = { param($n) "b $n $y" }; $y = 1; Run { & $b 2 } } }
        @{ What = 'tables of script blocks'; Code = { $t = @{ a = { 'a' }; n = 1 }; Run { & $t.a; $t.n } } }
        @{ What = 'closures'; Code = { $x = 1; $b = { $x }.GetNewClosure(); $x = 2; Run { & $b } } }
        @{ What = 'modules in memory'; Code = { $null = New-Module { $x = 1; function Get-Own { $x } }; Run { Get-Own } } }
        @{ What = 'modules from files, with their settings'; Code = { Import-Module $module; Connect-Conn SECRET; Run { Get-Token } } }
        @{ What = 'private functions of the module around'; Code = { Import-Module $module; Invoke-Private { param($b) Run $b } } }
        @{ What = 'ordered tables'; Code = { $o = [ordered] @{ z = 1; a = 2 }; Run { "$($o.Keys) $($o.a)" } } }
        @{
            What = 'arrays, and their type'
            Code = { $i = [int[]] (1, 2); $e = @(); Run { $i.GetType().Name; $e.GetType().Name; $e.Count } }
        }
        @{ What = 'enumerations'; Code = { $d = [DayOfWeek]::Friday; Run { $d.GetType().Name; "$d" } } }
        @{ What = 'large integers'; Code = { $n = [bigint]::Pow(2, 100); Run { "$($n + 1)" } } }
        @{ What = 'types'; Code = { $t = [Uri]; Run { $t.FullName } } }
        @{ What = 'null'; Code = { $n = $null; Run { $null -eq $n } } }
        @{ What = 'nested objects'; Code = { $o = '{"a":{"b":{"c":[1,{"d":2}]}}}' | ConvertFrom-Json; Run { $o.a.b.c[1].d } } }
        @{ What = 'arguments'; Code = { Run { param($a, $b) "$a $($b.Count)" } -ArgumentList 1, (1, 2) } }
        @{ What = 'the location'; Code = { Push-Location $TestDrive; try { Run { $PWD.Path } } finally { Pop-Location } } }
        @{
            What = 'environment variables'
            Code = { $env:ASYNCPS_ONE = 'one'; try { Run { $env:ASYNCPS_ONE } } finally { $env:ASYNCPS_ONE = $null } }
        }
        @{
            What = 'preferences'
            Code = { $OFS = '-'; $ErrorActionPreference = 'Stop'; try { Run { "$(1, 2)"; Write-Error no; 'after' } } catch { "$_" } }
        }
        @{ What = 'strict mode'; Code = { Set-StrictMode -Version 1; Run { try { $nowhere + 1 } catch { 'strict' } } } }
        @{ What = 'the culture'; Code = { [cultureinfo]::CurrentCulture = 'de-DE'; Run { [double]::Parse('1,5') * 2 } } }
        @{
            What = 'the file and line of an error'
            Code = {
                Run { throw 'here' } -AsResult |
                    ForEach-Object {
                        $_.Error[0].InvocationInfo.ScriptLineNumber; Split-Path -Leaf $_.Error[0].InvocationInfo.ScriptName
                    }
            }
        }
        @{ What = 'errors that end a statement only'; Code = { Run { 1 / 0; 'after' } -ErrorAction SilentlyContinue } }
        @{ What = 'exit, break and return'; Code = { Run { 'a'; exit; 'b' }; Run { 'a'; break; 'b' }; Run { 'a'; return; 'b' } } }
        @{
            What = 'the id and category of an error'
            Code = {
                Run { Get-Item /nowhere/at/all } -AsResult |
                    ForEach-Object { $_.Error[0].FullyQualifiedErrorId; "$($_.Error[0].CategoryInfo.Category)" }
            }
        }
        @{ What = 'several objects, arrays and none'; Code = { Run { 1; , (2, 3); $null } | ForEach-Object { "[$($_ -join ',')]" } } }
        @{ What = 'tasks'; Code = { Run { [Threading.Tasks.Task]::FromResult(7) } } }
        @{ What = 'the context of the item'; Code = { Run { "$($AsyncContext.Index) $($AsyncContext.Attempt)" } } }
        @{ What = 'initialization'; Code = { Run { "$_ $v" } -InitializationScript { $v = 'set' } } }
        @{ What = 'a new runspace for each item'; Code = { Run { $global:AsyncPsLeft++; $global:AsyncPsLeft } -UseNewRunspace } }
        @{ What = 'nothing of the item before'; Code = { Run { $global:AsyncPsLeft++; $global:AsyncPsLeft; Set-Location / } } }
    )
    $refused = @(
        @{ What = 'a queue'; Make = { New-AsyncQueue } }
        @{ What = 'a throttle'; Make = { New-Throttle -Limit 1 } }
        @{ What = 'a task'; Make = { [Threading.Tasks.Task]::Delay(1) } }
        @{ What = 'a delegate'; Make = { [Action] { } } }
        @{ What = 'a class instance'; Make = { class AsyncPsPoint { $X }; [AsyncPsPoint]::new() } }
        @{ What = 'an open stream'; Make = { [IO.MemoryStream]::new() } }
        @{ What = 'a shared table'; Make = { [hashtable]::Synchronized(@{}) } }
        @{ What = 'a concurrent dictionary'; Make = { [Collections.Concurrent.ConcurrentDictionary[string, int]]::new() } }
        @{ What = 'a queue in a table'; Make = { @{ a = @(1, (New-AsyncQueue)) } } }
    )
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-Module "$PSScriptRoot/../output/AsyncPs/AsyncPs.psd1"
    $module = "$TestDrive/Conn.psm1"
    Set-Content $module @'
$script:token = 'none'
function Connect-Conn($t) { $script:token = $t }
function Get-Token { "token $script:token" }
function Get-Private { "private $script:token" }
function Invoke-Private($run) { & $run { Get-Private } }
Export-ModuleMember Connect-Conn, Get-Token, Invoke-Private
'@

    # In this session, or in child processes.
    function Invoke-Row([scriptblock] $Code, [hashtable] $Where) {
        $culture = [cultureinfo]::CurrentCulture
        function Run { 1..2 | Invoke-Concurrent @args @Where -Ordered }
        try { & $Code }
        finally {
            [cultureinfo]::CurrentCulture = $culture
            Remove-Module Conn -ErrorAction Ignore
            Remove-Variable AsyncPsOne -Scope Global -ErrorAction Ignore
        }
    }

    function Test-Alive([int] $Id) { $null -ne (Get-Process -Id $Id -ErrorAction Ignore) }
}

AfterAll {
    Remove-Module AsyncPs -ErrorAction Ignore
}

Describe 'What a block has in another process' {
    It 'is, of <What>, what it has here' -ForEach $same {
        $here = Invoke-Row $Code @{}
        $there = Invoke-Row $Code @{ Process = 2 }
        $here | Should -Not -BeNullOrEmpty
        $there | Should -Be $here
    }

    It 'runs there, with what the process is given' {
        $given = @{ Environment = @{ ASYNCPS_TWO = 'two' }; WorkingDirectory = $TestDrive }
        $there = 1..4 | Invoke-Concurrent { $PID; $env:ASYNCPS_TWO; $PWD.Path } -Process 1 @given
        $there[0] | Should -Not -Be $PID
        $there[1] | Should -Be two
        $there[2] | Should -Be $TestDrive.ToString()
    }

    It 'refuses <What> before anything starts, by its name' -ForEach $refused {
        $thing = & $Make
        { 1 | Invoke-Concurrent { $thing } -Process 1 } | Should -Throw '$thing cannot be sent*' -ErrorId 'ValueCannotTravel,*'
        { 1 | Invoke-Concurrent { $using:thing } -Process 1 } | Should -Throw '$thing cannot be sent*'
        { 1 | Invoke-Concurrent { } -Process 1 -Variable @{ thing = $thing } } | Should -Throw '$thing cannot be sent*'
        { Start-Throttled { $thing } -Process 1 } | Should -Throw '$thing cannot be sent*'
    }

    It 'gets a secure string and a credential, and these come back' {
        $secret = ConvertTo-SecureString geheim -AsPlainText -Force
        $credential = [pscredential]::new('me', $secret)
        $there = 1 |
            Invoke-Concurrent {
                $secret | ConvertFrom-SecureString -AsPlainText; $credential.GetNetworkCredential().Password; $credential
            } -Process 1
        $there[0..1] | Should -Be geheim, geheim
        $there[2].GetNetworkCredential().Password | Should -Be geheim
    }
}

Describe 'Parameters of other processes' {
    It 'says what is wrong with <Name>' -ForEach @(
        @{ Name = '-ProcessPath'; Splat = @{ Process = 1; ProcessPath = '/nowhere/pwsh' }; Id = 'PowerShellNotFound' }
        @{ Name = '-WorkingDirectory'; Splat = @{ Process = 1; WorkingDirectory = '/nowhere' }; Id = 'WorkingDirectoryNotFound' }
        @{ Name = '-ThrottleLimit'; Splat = @{ Process = 1; ThrottleLimit = 2 }; Id = 'ThrottleLimitAboveProcesses' }
        @{ Name = '-RetryLost'; Splat = @{ RetryLost = $true }; Id = 'ParameterNeedsAnother' }
        @{ Name = '-Environment'; Splat = @{ Environment = @{} }; Id = 'ParameterNeedsAnother' }
        @{ Name = '-HeartbeatTimeout'; Splat = @{ HeartbeatTimeout = 9 }; Id = 'ParameterNeedsAnother' }
        if (-not $IsWindows) {
            @{ Name = '-ConfigurationName'; Splat = @{ Process = 1; ConfigurationName = 'a' }; Id = 'ConfigurationNameIgnored' }
        }
    ) {
        { 1 | Invoke-Concurrent { } @Splat } | Should -Throw -ErrorId "$Id,*"
    }

    It 'says that a program is no PowerShell' {
        $program = (Get-Command git).Path
        { 1 | Invoke-Concurrent { } -Process 1 -ProcessPath $program } | Should -Throw "*$program*" -ErrorId 'WorkerNotStarted,*'
    }

    It 'says what fails at the start of a process, once' {
        { 1..4 | Invoke-Concurrent { $_ } -Process 2 -InitializationScript { throw 'not here' } } |
            Should -Throw '*not here*' -ErrorId 'InitializationFailed,*'
    }
}

Describe 'A call with its items in other processes' {
    It 'keeps their order, and gives each to a free process' {
        $there = 1..20 | Invoke-Concurrent { if ($_ -eq 1) { Start-Sleep -Milliseconds 300 }; "$_ $PID" } -Process 2 -Ordered
        $there | ForEach-Object { [int] ($_ -split ' ')[0] } | Should -Be (1..20)
        @($there | ForEach-Object { ($_ -split ' ')[1] } | Sort-Object -Unique).Count | Should -BeLessOrEqual 2
    }

    It 'writes all streams, of each item in order' {
        $there = 1 |
            Invoke-Concurrent {
                'out'; Write-Warning 'w'; Write-Verbose 'v' -Verbose; Write-Host 'h'; Write-Error 'e'; 'last'
            } -Process 1 *>&1
        $there | ForEach-Object { "$_" } | Should -Be out, w, v, h, e, last
        $there[4].TargetObject | Should -Be 1
    }

    It 'writes while an item still runs' {
        $go = "$TestDrive/go-$(New-Guid)"
        1 | Invoke-Concurrent { 'first'; while (-not (Test-Path $go)) { Start-Sleep -Milliseconds 10 }; 'second' } -Process 1 -Timeout 60 |
            ForEach-Object { $null = New-Item $go -Force; $_ } | Should -Be first, second
    }

    It 'makes results, with the input that is here' {
        $inputs = [pscustomobject] @{ n = 1 }, [pscustomobject] @{ n = 2 }
        $block = { $_.n; $PID; if ($_.n -eq 2) { throw 'no' } }
        $there = $inputs | Invoke-Concurrent $block -Process 2 -AsResult | Sort-Object Index
        $there.Status | Should -Be Succeeded, Failed
        [object]::ReferenceEquals($there[1].Input, $inputs[1]) | Should -BeTrue
        $there[1].Output[0] | Should -Be 2
        $there.Worker | Should -Be ($there | ForEach-Object { "process $($_.Output[1])" })
        "$($there[1].Error)" | Should -Be no
        $there[0] | Format-List | Out-String | Should -Match "Worker *: process $($there[0].Output[1])"
        $here = $inputs | Invoke-Concurrent { } -AsResult
        $here.Worker | Should -Be $null, $null
        $here[0] | Format-List | Out-String | Should -Not -Match Worker
    }

    It 'tries again, and knows the attempt' {
        $retry = @{ RetryCount = 3; RetryDelay = '1ms'; RetryOn = { $_.FullyQualifiedErrorId -eq 'again' } }
        1..2 | Invoke-Concurrent {
            if ($AsyncContext.Attempt -lt 3) { throw 'again' }
            "$_ $($AsyncContext.Attempt)"
        } -Process 2 @retry -Ordered | Should -Be '1 3', '2 3'
    }

    It 'ends an item whose time is over, its finally block run, and goes on' {
        $there = 1..3 |
            Invoke-Concurrent {
                if ($_ -eq 2) { try { Start-Sleep 600 } finally { Set-Content "$TestDrive/finally" done } }; $_
            } -Process 1 -ItemTimeout 6 -AsResult
        ($there | Sort-Object Index).Status | Should -Be Succeeded, TimedOut, Succeeded
        "$TestDrive/finally" | Should -FileContentMatch done
    }

    It 'ends a process in which an item does not end' -Skip:$IsWindows {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        1 |
            Invoke-Concurrent {
                Set-Content "$TestDrive/frozen" $PID; /bin/kill -STOP $PID; Start-Sleep 600
            } -Process 1 -ItemTimeout 6 -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ItemTimedOut*'
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 300
        $id = [int] (Get-Content "$TestDrive/frozen")
        Wait-Until { -not (Test-Alive $id) }
    }

    It 'is stopped by Select-Object -First, and by the first failure' {
        1..1000 | Invoke-Concurrent { $_ } -Process 2 -Ordered | Select-Object -First 3 | Should -Be 1, 2, 3
        { 1..3 | Invoke-Concurrent { if ($_ -eq 1) { throw 'no' }; Start-Sleep 600 } -Process 3 -FailFast } |
            Should -Throw -ErrorId 'FailFast,*'
    }

    It 'waits for permits of a throttle on this side' {
        $throttle = New-Throttle -Limit 1
        1..4 | Invoke-Concurrent { $_ } -Process 2 -Throttle $throttle -Ordered | Should -Be (1..4)
    }

    It 'reads a queue' {
        $queue = New-AsyncQueue
        1..5 | Write-AsyncQueue $queue
        Complete-AsyncQueue $queue
        Invoke-Concurrent { $_ * 2 } -InputStream $queue -Process 2 | Sort-Object | Should -Be 2, 4, 6, 8, 10
    }

    It 'runs several blocks, each once' {
        Invoke-Concurrent { 'a' }, { 'b' } -Process 2 -Ordered | Should -Be a, b
    }

    It 'runs the last block of each process, and writes its streams' {
        $blocks = @{ InitializationScript = { $v = 'kept' }; FinalizationScript = { Write-Warning "last $v" } }
        1..2 | Invoke-Concurrent { } -Process 1 @blocks -WarningVariable last -WarningAction SilentlyContinue
        "$last" | Should -Be 'last kept'
    }

    It 'finds warm processes' {
        $first = 1 | Invoke-Concurrent { $PID } -Process 1
        1 | Invoke-Concurrent { $PID } -Process 1 | Should -Be $first
    }

    It 'gives each of many short calls its own records' {
        foreach ($x in 1..100) {
            1..2 | Invoke-Concurrent { "$x $_"; Write-Warning "w$x $_" } -Process 1 -Ordered 3>&1 | ForEach-Object { "$_" } |
                Should -Be "$x 1", "w$x 1", "$x 2", "w$x 2"
        }
    }

    It 'leaves nothing of a call to the next' {
        function f { 'f' }
        $x = 1
        1 | Invoke-Concurrent { f; $x; $global:AsyncPsLeft = 1 } -Process 1 | Should -Be f, 1
        1 | Invoke-Concurrent {
            & { "$(Get-Command f -ErrorAction Ignore)$(Get-Variable x -ValueOnly -ErrorAction Ignore)$global:AsyncPsLeft" }
        } -Process 1 -NoCapture | Should -Be ''
    }

    It 'brings much output back, and large objects' {
        1 | Invoke-Concurrent { 1..20000 } -Process 1 | Measure-Object -Sum | ForEach-Object Sum | Should -Be 200010000
        $text = 'x' * 2000000
        1 | Invoke-Concurrent { $text + $_ } -Process 1 | ForEach-Object Length | Should -Be 2000001
    }

    It 'leaves output that is not read on the other side' {
        $mark = "$TestDrive/written-$(New-Guid)"
        1 | Invoke-Concurrent { foreach ($i in 1..200000) { 'x' * 1000; if ($i % 1000 -eq 0) { Set-Content $mark $i } } } -Process 1 |
            ForEach-Object {
                if (-not $seen) {
                    $seen = $true
                    Wait-Until { (Test-Path $mark) -and (Get-Content $mark) }
                    $watched = @{}
                    Wait-Until {
                        $last = $watched.Now
                        Start-Sleep -Milliseconds 500
                        $watched.Now = [int] (Get-Content $mark)
                        $last -eq $watched.Now
                    }
                    $watched.Now
                }
            } | Select-Object -First 1 | Should -BeLessThan 150000
    }
}

Describe 'Jobs in other processes' {
    It 'are jobs as any other' {
        $jobs = 1..3 | Start-Throttled { Write-Warning "w $_"; "job $_"; if ($_ -eq 3) { throw 'failed' } } -Process 2
        $null = $jobs | Wait-Job -Timeout 120
        $jobs.State | Should -Be Completed, Completed, Failed
        $jobs[0..1] | Receive-Job -WarningAction SilentlyContinue | Should -Be 'job 1', 'job 2'
        "$($jobs[2].JobStateInfo.Reason)" | Should -BeLike '*failed*'
        $jobs | Remove-Job
    }

    It 'run script files' {
        Set-Content "$TestDrive/job.ps1" 'param($a) "$a $PSScriptRoot $($PID -ne $args[0])"'
        Start-Throttled -FilePath "$TestDrive/job.ps1" -ArgumentList one -Process 1 | Receive-Job -Wait -AutoRemoveJob |
            Should -Be "one $TestDrive True"
    }

    It 'are stopped' {
        $started = "$TestDrive/started-$(New-Guid)"
        $job = Start-Throttled { try { $null = New-Item $started; Start-Sleep 600 } finally { Set-Content "$started.end" end } } -Process 1
        Wait-Until { Test-Path $started }
        Stop-Job $job
        $job.State | Should -Be Stopped
        "$started.end" | Should -Exist
        Remove-Job $job
    }
}

Describe 'A process that dies' {
    It 'costs the item that it ran, which is told, and no other' {
        $failed = $null
        $there = 1..10 |
            Invoke-Concurrent {
                if ($_ -eq 4) { [Environment]::Exit(7) }; $_
            } -Process 2 -ErrorVariable failed -ErrorAction SilentlyContinue
        $there | Sort-Object | Should -Be 1, 2, 3, 5, 6, 7, 8, 9, 10
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'WorkerLost,*'
        $failed[0].TargetObject | Should -Be 4
        "$($failed[0])" | Should -BeLike '*exit code 7*'
    }

    It 'has the item run again, with -RetryLost, and what it had written dropped' {
        $mark = "$TestDrive/died-$(New-Guid)"
        1..4 | Invoke-Concurrent {
            "begin $_"
            if ($_ -eq 2 -and -not (Test-Path $mark)) { $null = New-Item $mark; [Environment]::Exit(1) }
            "end $_"
        } -Process 2 -RetryLost -Ordered |
            Should -Be 'begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3', 'begin 4', 'end 4'
    }

    It 'gives an item up that ends each of its processes' {
        1 | Invoke-Concurrent { [Environment]::Exit(1) } -Process 1 -RetryLost -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'WorkerLost,*'
    }

    It 'fails the job that it ran' {
        $job = Start-Throttled { [Environment]::Exit(1) } -Process 1
        $null = $job | Wait-Job -Timeout 120
        $job.State | Should -Be Failed
        "$($job.JobStateInfo.Reason)" | Should -BeLike '*ended*before the item did*'
        Remove-Job $job
    }

    It 'loses and doubles no item, killed at any moment' -Skip:$IsWindows {
        # Any child at a random moment: as it starts, is idle, runs an item or writes. Two a round, because a third start is the last.
        $kills = if ($env:ASYNCPS_STRESS) { 300 } else { 6 }
        $killed = [Collections.Concurrent.ConcurrentDictionary[string, int]]::new()
        $text = 'x' * 3000
        foreach ($round in 1..($kills / 2)) {
            $count = 40
            $killer = Start-ThreadJob {
                $random = [Random]::new($using:round)
                $killed = $using:killed
                for ($kill = 0; $kill -lt 2;) {
                    Start-Sleep -Milliseconds $random.Next(1, 400)
                    $ids = @(& pgrep -P $using:PID | Where-Object {
                        (Get-Process -Id $_ -ErrorAction Ignore).CommandLine -like '* -s -NoLogo*'
                    })
                    if ($ids) {
                        $id = $ids[$random.Next($ids.Count)]
                        & /bin/kill -KILL $id
                        $killed[$id] = 1
                        $kill++
                    }
                }
            }
            do {
                $items = 1..$count | Invoke-Concurrent {
                    "a$_"
                    if ($_ % 2) { Start-Sleep -Milliseconds 15 }
                    "$text$_"
                    "b$_"
                } -Process 3 -AsResult
                $items.Index | Sort-Object | Should -Be (0..($count - 1))
                foreach ($result in $items) {
                    if ($result.Status -eq 'Succeeded') {
                        $result.Output | Should -Be "a$($result.Input)", "$text$($result.Input)", "b$($result.Input)"
                    }
                    else {
                        $result.Error.FullyQualifiedErrorId | Should -Be WorkerLost
                    }
                }
            }
            while ($killer.State -in 'NotStarted', 'Running')
            $null = $killer | Receive-Job -Wait -AutoRemoveJob
        }

        foreach ($id in $killed.Keys) { Wait-Until { -not (Test-Alive $id) } }
        1..6 | Invoke-Concurrent { $_ } -Process 3 -Ordered | Should -Be (1..6)
    }
}

Describe 'The end of processes' {
    It 'comes with the last session that removes the module<After>' -ForEach @(
        @{ After = ''; Other = '' }
        @{ After = ', after a thread job'; Other = 'Start-ThreadJob { Import-Module $using:path } | Receive-Job -Wait -AutoRemoveJob' }
        @{ After = ', after parallel blocks'; Other = '1..2 | ForEach-Object -Parallel { Import-Module $using:path }' }
        @{ After = ', after a session that was closed'
            Other = '$other = [powershell]::Create().AddScript("Import-Module $path"); $other.Invoke(); $other.Dispose()' }
        @{ After = ', while workers have it'; Other = '1..2 | Invoke-Concurrent { Import-Module $path }' }
        @{ After = ', while workers have it from a begin block'
            Other = '1..2 | Invoke-Concurrent { begin { Import-Module $path } process { } }' }
    ) {
        $shell = "`$path = '$PSScriptRoot/../output/AsyncPs'; Import-Module `$path; $Other; " +
            '1 | Invoke-Concurrent { $PID } -Process 1; Remove-Module AsyncPs; [Console]::In.ReadLine()'
        $start = [Diagnostics.ProcessStartInfo]::new($pwsh)
        $pwshArguments + '-Command', $shell | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $parent = [Diagnostics.Process]::Start($start)
        try {
            $id = [int] $parent.StandardOutput.ReadLine()
            Wait-Until { -not (Test-Alive $id) }
            $parent.HasExited | Should -BeFalse
        }
        finally {
            $parent.StandardInput.Close()
            $parent.WaitForExit(60000) | Should -BeTrue
        }
    }

    It 'comes with the end of the parent, by <How>' -ForEach @(
        @{ How = 'exit, while they are warm'; Kill = $false; Block = '$PID' }
        @{ How = 'a kill, while they are warm'; Kill = $true; Block = '$PID' }
        @{ How = 'a kill, while a block runs'; Kill = $true; Block = '$PID; Start-Sleep 600' }
    ) {
        $wait = if ($Block -eq '$PID') { '[Console]::In.ReadLine()' }
        $shell = "Import-Module '$PSScriptRoot/../output/AsyncPs'; 1 | Invoke-Concurrent { $Block } -Process 1; $wait"
        $start = [Diagnostics.ProcessStartInfo]::new($pwsh)
        $pwshArguments + '-Command', $shell | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $parent = [Diagnostics.Process]::Start($start)
        $id = [int] $parent.StandardOutput.ReadLine()
        Test-Alive $id | Should -BeTrue
        if ($Kill) { $parent.Kill() } else { $parent.StandardInput.Close() }
        $parent.WaitForExit(60000) | Should -BeTrue
        Wait-Until { -not (Test-Alive $id) }
    }

    It 'shows nothing of the session on a command line' -Skip:(-not $IsLinux) {
        $secret = "geheim-$(New-Guid)"
        $line = 1 | Invoke-Concurrent { $null = $secret; [IO.File]::ReadAllText("/proc/$PID/cmdline") } -Process 1
        $line | Should -Not -Match 'geheim'
        $line | Should -Match '-NoProfile'
    }
}
