#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Blocks on other machines, by ssh: here on this one, through an sshd of the test's own, with keys and a configuration of its own.

BeforeDiscovery {
    $sshd = Get-Command sshd, /usr/sbin/sshd -CommandType Application -ErrorAction Ignore | Select-Object -First 1
    $none = if ($IsWindows) { 'the test starts sshd as Linux and macOS have it' }
    elseif (-not $sshd) { 'there is no sshd: install openssh-server' }
    elseif (-not (Get-Command ssh, ssh-keygen -CommandType Application -ErrorAction Ignore)) { 'there is no ssh: install openssh-client' }
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-Module "$PSScriptRoot/../output/AsyncPs/AsyncPs.psd1"
    function Test-Alive([int] $Id) { $null -ne (Get-Process -Id $Id -ErrorAction Ignore) }
    function Get-FreePort {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try { $listener.LocalEndpoint.Port } finally { $listener.Stop() }
    }

    $sshd = Get-Command sshd, /usr/sbin/sshd -CommandType Application -ErrorAction Ignore | Select-Object -First 1
    if ($sshd -and -not $IsWindows) {
        $folder = "$TestDrive/ssh"
        $null = New-Item $folder -ItemType Directory
        'host', 'user', 'stranger' | ForEach-Object { & ssh-keygen -q -t ed25519 -N '' -C asyncps-test -f "$folder/$_" }
        Copy-Item "$folder/user.pub" "$folder/authorized_keys"

        # An sshd of root wants this folder, which the service would make.
        $madeFolder = (& id -u) -eq '0' -and -not (Test-Path /run/sshd)
        if ($madeFolder) { $null = New-Item /run/sshd -ItemType Directory }
        $far = "$pwsh $(if ($pwshArguments[0] -like '*.dll') { $pwshArguments[0] }) -sshs -NoLogo -NoProfile"
        foreach ($try in 1..10) {
            $port = Get-FreePort
            Set-Content "$folder/config" @"
Port $port
ListenAddress 127.0.0.1
HostKey $folder/host
AuthorizedKeysFile $folder/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
MaxSessions 100
Subsystem powershell $far
"@
            $start = [Diagnostics.ProcessStartInfo]::new($sshd.Source)
            '-D', '-e', '-f', "$folder/config", '-E', "$folder/log" | ForEach-Object { $start.ArgumentList.Add($_) }
            $server = [Diagnostics.Process]::Start($start)
            Wait-Until { $server.HasExited -or ((Test-Path "$folder/log") -and (Select-String "port $port" "$folder/log" -Quiet)) }
            if (-not $server.HasExited) { break }
        }

        Set-Content "$folder/known_hosts" "[127.0.0.1]:$port $(Get-Content "$folder/host.pub")"
        $options = @{
            UserKnownHostsFile = "$folder/known_hosts"
            GlobalKnownHostsFile = '/dev/null'
            IdentitiesOnly = 'yes'
            IdentityAgent = 'none'
        }
        $machine = @{ HostName = "127.0.0.1:$port"; KeyFilePath = "$folder/user"; SshOptions = $options }
    }
}

AfterAll {
    Remove-Module AsyncPs -ErrorAction Ignore
    if ($server) {
        $server.Kill($true)
        $server.WaitForExit()
    }

    if ($madeFolder) { Remove-Item /run/sshd -ErrorAction Ignore }
}

Describe 'The machine to test with' {
    It 'is there' {
        if ($none) { Set-ItResult -Skipped -Because $none }
    } -TestCases @(@{ none = $none })
}

Describe 'Parameters of other machines' {
    It 'says what is wrong with -HostName <Name>' -ForEach @(
        @{ Name = '-oProxyCommand=id' }
        @{ Name = 'a b' }
        @{ Name = 'user@-oProxyCommand=id' }
        @{ Name = 'web1:70000' }
        @{ Name = 'web1:' }
        @{ Name = '@web1' }
        @{ Name = 'ssh://web1' }
    ) {
        { 1 | Invoke-Concurrent { } -HostName $Name } | Should -Throw -ErrorId 'HostNameInvalid,*'
    }

    It 'says what is wrong with <Name>' -ForEach @(
        @{ Name = '-KeyFilePath'; Splat = @{ HostName = 'a'; KeyFilePath = '/nowhere/key' }; Id = 'KeyFileNotFound' }
        @{ Name = '-SshOptions'; Splat = @{ HostName = 'a'; SshOptions = @{ '-F' = 'x' } }; Id = 'SshOptionInvalid' }
        @{ Name = '-ConfigurationName'; Splat = @{ HostName = 'a'; ConfigurationName = 'x' }; Id = 'ParametersExcludeEachOther' }
        @{ Name = '-ThrottleLimit'; Splat = @{ HostName = 'a', 'b'; Process = 2; ThrottleLimit = 5 }; Id = 'ThrottleLimitAboveProcesses' }
        @{ Name = '-UserName'; Splat = @{ Process = 1; UserName = 'a' }; Id = 'ParameterNeedsAnother' }
        @{ Name = '-CopyModule'; Splat = @{ Process = 1; CopyModule = $true }; Id = 'ParameterNeedsAnother' }
        @{ Name = '-Port'; Splat = @{ Port = 1 }; Id = 'ParameterNeedsAnother' }
    ) {
        { 1 | Invoke-Concurrent { } @Splat } | Should -Throw -ErrorId "$Id,*"
        { Start-Throttled { } @Splat } | Should -Throw -ErrorId "$Id,*"
    }
}

Describe 'Blocks on another machine' -Skip:($null -ne $none) {
    It 'run there, with what they name here' {
        function f { "f $(g)" }
        function g($a = $y) { $a }
        $y = 1
        $there = 1..6 | Invoke-Concurrent { "$_ $(f)"; $PID } @machine -Process 2 -AsResult | Sort-Object Index
        $there.Output | Where-Object { $_ -is [string] -and $_ -like '* f *' } | Should -Be (1..6 | ForEach-Object { "$_ f 1" })
        $ids = $there | ForEach-Object { $_.Output[1] } | Sort-Object -Unique
        $ids | Should -Not -Contain $PID
        $ids.Count | Should -BeLessOrEqual 2
        $there.Worker | Select-Object -Unique | Should -Be $machine.HostName
    }

    It 'have the variables, directory and streams that the call says' {
        $there = 1 | Invoke-Concurrent {
            $env:ASYNCPS_FAR
            $PWD.Path
            Write-Warning 'w'
            Write-Error 'e'
        } @machine -Environment @{ ASYNCPS_FAR = 'far' } -WorkingDirectory $folder *>&1
        $there | ForEach-Object { "$_" } | Should -Be far, $folder, w, e
        $there[3].TargetObject | Should -Be 1
    }

    It 'are not where the caller is' {
        1 | Invoke-Concurrent { $PWD.Path } @machine -WorkingDirectory $folder | Should -Be $folder
        Push-Location $folder
        try { 1 | Invoke-Concurrent { $PWD.Path } @machine | Should -Not -Be $folder } finally { Pop-Location }
    }

    It 'find the machine warm' {
        $first = 1 | Invoke-Concurrent { $PID } @machine
        1 | Invoke-Concurrent { $PID } @machine | Should -Be $first
    }

    It 'go in batches, and come back in order' {
        1..2000 | Invoke-Concurrent { $_ * 2 } @machine -Process 2 -Ordered | Should -Be (1..2000 | ForEach-Object { $_ * 2 })
    }

    It 'run in a program that is named' {
        $program = "$folder/my pwsh"
        Set-Content $program "#!/bin/sh`nexec $($far -replace ' -sshs.*') `"`$@`""
        & chmod +x $program
        1 | Invoke-Concurrent { $PID } @machine -ProcessPath $program | Should -Not -Be $PID
    }

    It 'are jobs as any other' {
        $job = Start-Throttled { Write-Warning 'w'; "job $_" } @machine
        $null = $job | Wait-Job -Timeout 120
        $job | Receive-Job -WarningAction SilentlyContinue | Should -Be 'job '
        Remove-Job $job
    }

    It 'have the modules that they use copied to the machine' {
        $null = New-Item "$folder/mods/Far/sub" -ItemType Directory
        Set-Content "$folder/mods/Far/Far.psm1" 'function Get-Far { "far $(Get-Content "$PSScriptRoot/sub/data.txt")" }'
        Set-Content "$folder/mods/Far/sub/data.txt" 'data'
        New-ModuleManifest "$folder/mods/Far/Far.psd1" -RootModule Far.psm1 -ModuleVersion 1.2.3 -FunctionsToExport Get-Far
        Import-Module "$folder/mods/Far"
        try {
            foreach ($round in 1..2) {
                $there = 1..2 | Invoke-Concurrent { Get-Far; (Get-Module Far).ModuleBase; $PID } @machine -CopyModule -AsResult
                $there.Output | Where-Object { $_ -like 'far *' } | Should -Be 'far data', 'far data'
                $base = $there[0].Output[1]
                $base | Should -Not -Be "$folder/mods/Far"
            }

            Split-Path $base | Should -Exist
        }
        finally {
            Remove-Module Far
        }
    }

    It 'end in time, and the next find the machine' {
        # The time of an item includes the start of its process.
        $null = 1 | Invoke-Concurrent { } @machine
        $there = 1..3 | Invoke-Concurrent { if ($_ -eq 2) { Start-Sleep 600 }; $_ } @machine -ItemTimeout 6 -AsResult
        ($there | Sort-Object Index).Status | Should -Be Succeeded, TimedOut, Succeeded
        1..1000 | Invoke-Concurrent { $_ } @machine -Ordered | Select-Object -First 3 | Should -Be 1, 2, 3
    }

    It 'show nothing of the session on a command line' -Skip:(-not $IsLinux) {
        $secret = "geheim-$(New-Guid)"
        $lines = 1 | Invoke-Concurrent {
            $null = $secret
            foreach ($process in [IO.Directory]::GetDirectories('/proc')) {
                try { [IO.File]::ReadAllText("$process/cmdline") } catch { }
            }
        } @machine
        $lines | Where-Object { $_ -match 'BatchMode' } | Should -Not -BeNullOrEmpty
        $lines | Where-Object { $_ -match 'geheim' } | Should -BeNullOrEmpty
    }
}

Describe 'Sessions that the caller has opened' -Skip:($null -ne $none) {
    It 'run blocks, with a warning of their transport, and stay as they were' {
        $session = New-PSSession -HostName 127.0.0.1 -Port $port -KeyFilePath "$folder/user" -Options $options
        try {
            $before = Invoke-Command $session { $global:here = 'kept'; $PID; $PWD.Path; $env:ASYNCPS_FAR }
            $x = 'x'
            $there = 1..300 | Invoke-Concurrent { "$x$_"; $env:ASYNCPS_FAR } -Session $session -Ordered `
                -Environment @{ ASYNCPS_FAR = 'far' } -WorkingDirectory $folder -WarningVariable warned -WarningAction SilentlyContinue
            $there | Should -Be (1..300 | ForEach-Object { "x$_", 'far' })
            "$warned" | Should -BeLike '*-HostName*'
            "$($session.Availability)" | Should -Be Available
            Invoke-Command $session { $PID; $PWD.Path; $env:ASYNCPS_FAR } | Should -Be $before
            Invoke-Command $session { "$here$x" } | Should -Be kept
            $result = 1 | Invoke-Concurrent { $PID } -Session $session -AsResult -WarningAction SilentlyContinue
            $result.Output | Should -Be $before[0]
            $result.Worker | Should -Be "session '$($session.Name)' to 127.0.0.1"
        }
        finally {
            Remove-PSSession $session
        }
    }

    It 'are refused when they are closed or busy, or with parameters of processes' {
        $session = New-PSSession -HostName 127.0.0.1 -Port $port -KeyFilePath "$folder/user" -Options $options
        $quiet = @{ WarningAction = 'SilentlyContinue' }
        try {
            { 1 | Invoke-Concurrent { } -Session $session -Process 2 } | Should -Throw -ErrorId 'ParametersExcludeEachOther,*'
            $job = Invoke-Command $session { Start-Sleep 600 } -AsJob
            Wait-Until { "$($session.Availability)" -eq 'Busy' }
            { 1 | Invoke-Concurrent { } -Session $session @quiet } | Should -Throw '*Busy*' -ErrorId 'WorkerNotStarted,*'
            $job | Stop-Job -PassThru | Remove-Job
        }
        finally {
            Remove-PSSession $session
        }

        { 1 | Invoke-Concurrent { } -Session $session @quiet } | Should -Throw '*Closed*' -ErrorId 'WorkerNotStarted,*'
    }
}

Describe 'A machine that is lost' -Skip:($null -ne $none) {
    It 'costs the item that it ran, and no other, when <What> is killed' -ForEach @(
        @{ What = 'its PowerShell'; Signal = 'KILL'; Parent = $false }
        @{ What = 'the connection'; Signal = 'KILL'; Parent = $true }
    ) {
        $failed = $null
        $there = 1..6 | Invoke-Concurrent {
            if ($_ -eq 3) {
                $id = $PID
                while ($Parent -and (Get-Process -Id $id).ProcessName -notlike 'sshd*') {
                    $id = [int] ((Get-Content "/proc/$id/stat") -replace '^.*\) \S (\d+).*', '$1')
                }

                & /bin/kill "-$Signal" $id
                Start-Sleep 600
            }
            $_
        } @machine -Process 2 -ErrorVariable failed -ErrorAction SilentlyContinue -Timeout 300
        $there | Sort-Object | Should -Be 1, 2, 4, 5, 6
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'WorkerLost,*'
        $failed[0].TargetObject | Should -Be 3
        "$($failed[0])" | Should -BeLike "*127.0.0.1:$port*"
    }

    It 'is noticed though it is only frozen' {
        $mark = "$folder/frozen-$(New-Guid)"
        $failed = $null
        $there = 1..3 | Invoke-Concurrent {
            if ($_ -eq 2) { Set-Content $mark $PID; & /bin/kill -STOP $PID; Start-Sleep 600 }
            $_
        } @machine -HeartbeatTimeout 5 -Timeout 300 -ErrorVariable failed -ErrorAction SilentlyContinue
        & /bin/kill -KILL ([int] (Get-Content $mark))
        $there | Sort-Object | Should -Be 1, 3
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'WorkerLost,*'
        "$($failed[0])" | Should -BeLike '*no heartbeat for 5 s*'
    }
}

Describe 'A machine that cannot be reached' -Skip:($null -ne $none) {
    It 'is one error, and the others go on' {
        $closed = "127.0.0.1:$(Get-FreePort)"
        $failed = $null
        $there = 1..20 | Invoke-Concurrent { $_ } @machine -HostName $closed, $machine.HostName -Process 2 `
            -ErrorVariable failed -ErrorAction SilentlyContinue
        $there | Sort-Object | Should -Be (1..20)
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'WorkerNotStarted,*'
        "$($failed[0])" | Should -BeLike "*$closed*refused*"
    }

    It 'is a warning of the job that was to run there' {
        $closed = "127.0.0.1:$(Get-FreePort)"
        $jobs = 1..4 | Start-Throttled { $_ } @machine -HostName $closed, $machine.HostName
        $jobs | Receive-Job -Wait -WarningVariable warned -WarningAction SilentlyContinue | Sort-Object | Should -Be (1..4)
        @($warned).Count | Should -Be 1
        "$warned" | Should -BeLike "*$closed*"
        $jobs | Remove-Job
    }

    It 'ends the call if it is the only one, or none can be' {
        $closed = 1..2 | ForEach-Object { "127.0.0.1:$(Get-FreePort)" }
        { 1..3 | Invoke-Concurrent { $_ } @machine -HostName $closed[0] } | Should -Throw '*refused*' -ErrorId 'WorkerNotStarted,*'
        { 1..3 | Invoke-Concurrent { $_ } @machine -HostName $closed -ErrorAction SilentlyContinue } |
            Should -Throw '*refused*' -ErrorId 'NoWorkerStarted,*'
    }

    It 'never asks for a password' {
        { 1 | Invoke-Concurrent { $_ } @machine -KeyFilePath "$folder/stranger" -Timeout 120 } |
            Should -Throw '*Permission denied*-KeyFilePath*' -ErrorId 'WorkerNotStarted,*'
    }

    It 'is not one whose host key is unknown' {
        $unknown = $options + @{}
        $unknown.UserKnownHostsFile = "$folder/nobody"
        { 1 | Invoke-Concurrent { $_ } @machine -SshOptions $unknown -Timeout 120 } |
            Should -Throw '*Host key verification failed*accept-new*' -ErrorId 'WorkerNotStarted,*'
        $unknown.StrictHostKeyChecking = 'accept-new'
        1 | Invoke-Concurrent { $_ } @machine -SshOptions $unknown -Timeout 120 -WarningAction SilentlyContinue | Should -Be 1
        "$folder/nobody" | Should -Exist
    }

    It 'says that there is no such program' {
        { 1 | Invoke-Concurrent { $_ } @machine -ProcessPath /nowhere/pwsh } | Should -Throw '*-ProcessPath*' -ErrorId 'WorkerNotStarted,*'
    }
}

Describe 'The end of processes on another machine' -Skip:($null -ne $none) {
    It 'comes with the module' {
        $id = 1 | Invoke-Concurrent { $PID } @machine
        Test-Alive $id | Should -BeTrue
        Remove-Module AsyncPs
        Wait-Until { -not (Test-Alive $id) }
        Import-Module "$PSScriptRoot/../output/AsyncPs/AsyncPs.psd1"
    }
}
