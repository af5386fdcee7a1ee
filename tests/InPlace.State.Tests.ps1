#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# An item starts with the caller's state, regardless of earlier items in the same worker, as with ForEach-Object -Parallel.

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
    'a', 'b', 'c', 'd' | ForEach-Object { Set-Content (New-Item "$TestDrive/$_/name.txt" -Force) $_ }
    $folder = (Get-Item $TestDrive).FullName

    # One worker runs them all, one after another.
    $onOneWorker = @(
        @{ Way = 'items'; Run = { param($block) 1..3 | Invoke-Concurrent $block -ThrottleLimit 1 } }
        @{ Way = 'attempts'; Run = {
            param($block)
            $text = "$block"
            $failing = [scriptblock]::Create("$text`nif (`$AsyncContext.Attempt -lt 3) { throw 'again' }")
            1 | Invoke-Concurrent $failing -ThrottleLimit 1 -RetryCount 2 -RetryDelay 0
        } }
        @{ Way = 'jobs'; Run = { param($block) 1..3 | Start-Throttled $block -ThrottleLimit 1 | Receive-Job -Wait -AutoRemoveJob } }
        @{ Way = 'elements of a queue'; Run = {
            param($block)
            $queue = New-AsyncQueue
            1..3 | Write-AsyncQueue $queue
            Complete-AsyncQueue $queue
            Invoke-Concurrent $block -InputStream $queue -ThrottleLimit 1
        } }
        @{ Way = 'events'; Run = {
            param($block)
            $bus = New-AsyncEventBus
            $said = [Collections.Concurrent.ConcurrentQueue[object]]::new()
            $tell = [scriptblock]::Create("foreach (`$told in & { $block }) { `$said.Enqueue(`$told) }")
            $subscription = Register-AsyncEvent $bus topic $tell
            1..3 | ForEach-Object { Publish-AsyncEvent $bus topic $_ -Wait }
            Unregister-AsyncEvent $subscription
            $said
        } }
    )
}

Describe 'Items in one worker' {
    It 'read the folders they went to, as with ForEach-Object -Parallel' {
        Push-Location $folder
        try {
            $block = { Set-Location $_; "$_=$(Get-Content name.txt)" }
            $expected = 'a=a', 'b=b', 'c=c', 'd=d'
            'a', 'b', 'c', 'd' | Invoke-Concurrent $block -ThrottleLimit 2 | Sort-Object | Should -Be $expected
            'a', 'b', 'c', 'd' | ForEach-Object -Parallel $block -ThrottleLimit 2 | Sort-Object | Should -Be $expected
        }
        finally {
            Pop-Location
        }
    }

    It 'start with the same <State>' -ForEach @(
        @{ State = 'location'; Block = { "$PWD"; Set-Location / } }
        @{ State = 'location of the provider'; Block = { "$PWD $(Convert-Path .)"; Set-Location Env: } }
        @{
            State = 'location of another drive'
            Block = {
                "$(Convert-Path Temp:)"
                $here = $PWD
                Set-Location Temp:
                $null = New-Item sub$PID -ItemType Directory -Force
                Set-Location sub$PID
                Set-Location $here
            }
        }
        @{ State = 'stack of locations'; Block = { (Get-Location -Stack).Count; Push-Location / } }
        @{
            State = 'stack of locations with a name'
            Block = { try { (Get-Location -StackName s -ErrorAction Stop).Count } catch { 'none' }; Push-Location -StackName s }
        }
        @{ State = 'breakpoints'; Block = { (Get-PSBreakpoint).Count; $null = Set-PSBreakpoint -Command Get-Nothing } }
        @{ State = 'exit code'; Block = { "<$LASTEXITCODE>"; if ($IsWindows) { cmd /c 'exit 3' } else { sh -c 'exit 3' } } }
        @{ State = '$Error'; Block = { $Error.Count; Get-Item /nonexist -ErrorAction SilentlyContinue } }
        @{ State = 'script variables'; Block = { "<$script:counter>"; $script:counter++ } }
        @{ State = 'global variables'; Block = { "<$global:counter>"; $global:counter = 5 } }
        @{ State = 'global preferences'; Block = { "$global:WarningPreference"; $global:WarningPreference = 'Ignore' } }
        @{
            State = 'variables that were removed'
            Block = { "$global:MaximumHistoryCount"; Remove-Variable MaximumHistoryCount -Scope Global -ErrorAction Ignore }
        }
        @{
            State = 'variables of the scope around it'
            Block = { "<$(Get-Variable outer -Scope 1 -ValueOnly -ErrorAction Ignore)>"; Set-Variable outer 5 -Scope 1 }
        }
        @{ State = 'variables of its own'; Block = { "<$mine>"; $mine = 5 } }
        @{ State = '$Matches'; Block = { "<$($Matches.Count)>"; $null = 'a' -match 'a' } }
        @{ State = '$?'; Block = { "$?"; Get-Item /nonexist -ErrorAction SilentlyContinue } }
        @{ State = 'culture'; Block = { "$([cultureinfo]::CurrentCulture) $PSCulture"; [cultureinfo]::CurrentCulture = 'ar-SA' } }
        @{ State = 'UI culture'; Block = { "$([cultureinfo]::CurrentUICulture) $PSUICulture"; [cultureinfo]::CurrentUICulture = 'ar-SA' } }
        @{ State = 'strict mode'; Block = { "<$noSuchVariable>"; Set-StrictMode -Version Latest } }
        @{
            State = 'default values of parameters'
            Block = { "<$($PSDefaultParameterValues['f:n'])>"; $PSDefaultParameterValues['f:n'] = 5 }
        }
        @{ State = 'functions'; Block = { "<$(Get-Command f -ErrorAction Ignore)>"; function global:f { } } }
        @{ State = 'functions that are there'; Block = { Get-Content function:prompt; function global:prompt { 'mine' } } }
        @{ State = 'aliases'; Block = { "<$(Get-Alias f -ErrorAction Ignore)>"; Set-Alias f Get-Item -Scope Global } }
        @{ State = 'drives'; Block = { "<$(Get-PSDrive data -ErrorAction Ignore)>"; $null = New-PSDrive data FileSystem / -Scope Global } }
        @{
            State = 'location on a drive of its own'
            Block = { "$PWD"; $null = New-PSDrive data FileSystem / -Scope Global; Set-Location data:/ }
        }
        @{
            State = 'ambient values of .NET'
            Block = { "<$([Diagnostics.Activity]::Current.OperationName)>"; $null = [Diagnostics.Activity]::new('item').Start() }
        }
    ) {
        Push-Location $folder
        try {
            foreach ($case in $onOneWorker) {
                $written = @(& $case.Run $Block)
                $first = if ($case.Way -eq 'attempts') { $written[0] } else {
                    $written[0]; $written.Count | Should -Be 3 -Because "all $($case.Way) write"
                }
                $written | Select-Object -Unique | Should -Be $first -Because "$($case.Way) start alike"
            }

            # Something would be seen if it passed on: it is where one session runs the block in two pipelines, as far as those share it.
            if ($State -notin 'variables of its own', '$Matches', '$?', 'strict mode', 'culture', 'UI culture', 'ambient values of .NET') {
                $shell = [powershell]::Create()
                try {
                    $null = $shell.AddScript("Set-Location '$folder'; & { $Block }").Invoke()
                    $shell.Commands.Clear()
                    $shell.AddScript("& { $Block }").Invoke() | Should -Not -Be $written[0]
                }
                finally { $shell.Dispose() }
            }
        }
        finally {
            Pop-Location
        }
    }

    It 'start anew after one that was stopped' {
        Push-Location $folder
        try {
            $ended = 1..3 | Invoke-Concurrent {
                "$PWD $global:counter"
                Set-Location /
                $global:counter++
                if ($_ -eq 2) { Start-Sleep 60 }
            } -ThrottleLimit 1 -ItemTimeout 1s -AsResult
            $ended.Status | Should -Be Succeeded, TimedOut, Succeeded
            $ended.Output | Should -Be (, "$folder " * 3)
        }
        finally {
            Pop-Location
        }
    }

    It 'start with what -InitializationScript has set, and what the command brings' {
        $script:brought = 'b'
        1..3 | Invoke-Concurrent {
            "$global:made $script:brought $(f)"
            $global:made = $script:brought = 'changed'
            function global:f { 'changed' }
        } -InitializationScript { $global:made = 'm'; function global:f { 'f' } } -Variable @{ 'script:brought' = 'b' } -ThrottleLimit 1 |
            Should -Be (, 'm b f' * 3)
    }

    It 'keep the modules that one of them has imported, with all that the import made' {
        Set-Content "$folder/Kept.psm1" '$global:KeptSetting = "set"
            function Get-Kept { "kept $global:KeptSetting" }
            function global:Get-Beside { "beside" }'
        1..3 | Invoke-Concurrent {
            if (-not (Get-Module Kept)) { Import-Module "$folder/Kept.psm1" }
            "$(Get-Kept) $(Get-Beside)"
        } -ThrottleLimit 1 | Should -Be (, 'kept set beside' * 3)
    }
}

Describe 'The culture of a block' {
    BeforeAll {
        $before = [cultureinfo]::CurrentCulture
        $beforeUI = [cultureinfo]::CurrentUICulture
        [cultureinfo]::CurrentCulture = 'de-DE'
        [cultureinfo]::CurrentUICulture = 'fr-FR'
        $own = { "$([double]::Parse('1,5').ToString([cultureinfo]::InvariantCulture)) $([cultureinfo]::CurrentUICulture)" }
    }

    AfterAll {
        [cultureinfo]::CurrentCulture = $before
        [cultureinfo]::CurrentUICulture = $beforeUI
    }

    It 'is the caller''s in items' {
        1..20 | Invoke-Concurrent $own -ThrottleLimit 4 | Select-Object -Unique | Should -Be '1.5 fr-FR'
        1 | Invoke-Concurrent $own -UseNewRunspace | Should -Be '1.5 fr-FR'
    }

    It 'is the caller''s in jobs, streams, handlers and other blocks' {
        Start-Throttled $own | Receive-Job -Wait -AutoRemoveJob | Should -Be '1.5 fr-FR'
        New-AsyncStream $own | Read-AsyncStream | Should -Be '1.5 fr-FR'
        Wait-WithTimeout $own 1m | Should -Be '1.5 fr-FR'
        Get-AsyncCache (New-AsyncCache) key $own | Should -Be '1.5 fr-FR'
        $pool = New-AsyncPool $own
        Use-AsyncPool $pool { $_ } | Should -Be '1.5 fr-FR'
        $said = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        $bus = New-AsyncEventBus
        $null = Register-AsyncEvent $bus topic { $said.Enqueue("$([cultureinfo]::CurrentCulture) $([cultureinfo]::CurrentUICulture)") }
        Publish-AsyncEvent $bus topic 1 -Wait
        $null = 1 |
            Invoke-Concurrent { throw 'x' } -RetryCount 1 -RetryDelay 0 -RetryOn {
                $said.Enqueue([cultureinfo]::CurrentCulture.Name); $true
            } -ErrorAction SilentlyContinue
        $said | Select-Object -Unique | Should -Be 'de-DE fr-FR', 'de-DE'
    }

    It 'is that of the call, not that of the caller before' {
        1..4 | Invoke-Concurrent { [cultureinfo]::CurrentCulture.Name } | Select-Object -Unique | Should -Be 'de-DE'
        [cultureinfo]::CurrentCulture = 'en-GB'
        try { 1..4 | Invoke-Concurrent { [cultureinfo]::CurrentCulture.Name } | Select-Object -Unique | Should -Be 'en-GB' }
        finally { [cultureinfo]::CurrentCulture = 'de-DE' }
    }
}
