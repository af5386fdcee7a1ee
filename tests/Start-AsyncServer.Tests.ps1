#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# What a user of the web server sees, with the clients that PowerShell has.

BeforeAll {
    $output = "$(Split-Path $PSScriptRoot)/output"
    $pathBefore = $env:PSModulePath
    $env:PSModulePath = $output + [IO.Path]::PathSeparator + $env:PSModulePath
    Import-Module "$output/AsyncPs/AsyncPs.psd1", "$output/AsyncPs.Web/AsyncPs.Web.psd1" -Force
    . "$PSScriptRoot/Helpers.ps1"
}

AfterAll {
    Get-Job | Remove-Job -Force
    Remove-Module AsyncPs.Web, AsyncPs
    $env:PSModulePath = $pathBefore
}

Describe 'Start-AsyncServer' {
    It 'answers Invoke-RestMethod and Invoke-Concurrent -Uri' {
        $server = New-AsyncRoute GET '/square/{N}' { param([int] $N) @{ n = $N * $N } } | Start-AsyncServer -Port 0 -AsJob
        try {
            (Invoke-RestMethod "$($server.Uri[0])square/5").n | Should -Be 25
            $answers = 1..200 | ForEach-Object { "$($server.Uri[0])square/$_" } | Invoke-Concurrent -Uri { $_ } -ThrottleLimit 50
            (($answers.Content | ConvertFrom-Json).n | Measure-Object -Sum).Sum |
                Should -Be (1..200 | ForEach-Object { $_ * $_ } | Measure-Object -Sum).Sum
            $failure = { Invoke-RestMethod "$($server.Uri[0])square/five" } | Should -Throw -PassThru
            $failure.ErrorDetails.Message | Should -Match 'Cannot convert value'
        }
        finally {
            Stop-AsyncServer $server
        }

        $server.State | Should -Be Completed
    }

    It 'is a job as others are' {
        $server = New-AsyncRoute GET / { Write-Warning 'called'; 'x' } | Start-AsyncServer -Port 0 -AsJob -Name api -PassThru -NoWarmUp
        $null = Invoke-RestMethod $server.Uri[0]
        Get-Job api | Should -Be $server
        $server.Location | Should -Be $server.Uri[0]
        Wait-Until { $server.Output.Count -gt 0 -and $server.Warning.Count -gt 0 }
        $record = Receive-Job api -WarningVariable warnings -WarningAction SilentlyContinue
        $record.Status | Should -Be 200
        $warnings | Should -Be 'called'
        Stop-Job api
        $server.State | Should -BeIn Stopped, Completed
        Remove-Job api
        Get-Job api -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'shares what the session has with all requests' {
        $queue = New-AsyncQueue
        $hits = [Collections.Concurrent.ConcurrentDictionary[string, int]]::new()
        $server = New-AsyncRoute POST '/hits/{Name}' -Status 202 {
            param([string] $Name)
            $null = $hits.AddOrUpdate($Name, 1, { param($k, $v) $v + 1 })
            Write-AsyncQueue $queue $Name
        } | Start-AsyncServer -Port 0 -AsJob -NoWarmUp
        try {
            1..20 | ForEach-Object { $null = Invoke-RestMethod "$($server.Uri[0])hits/a" -Method Post }
            $hits['a'] | Should -Be 20
            @(Read-AsyncQueue $queue -Count 20 -Timeout 1m).Count | Should -Be 20
        }
        finally {
            Stop-AsyncServer $server
        }
    }

    It 'ends with its session, before the shutdown actions, and answers what it has begun' {
        $script = @'
            Import-Module AsyncPs.Web
            $null = Register-ShutdownAction { [Console]::WriteLine('action') }
            $route = New-AsyncRoute GET / { [Console]::WriteLine('begun'); Start-Sleep 1; [Console]::WriteLine('answered'); 'x' }
            $server = Start-AsyncServer $route -Port 0 -AsJob -NoWarmUp
            $client = [Net.Http.HttpClient]::new()
            $task = $client.GetStringAsync($server.Uri[0])
            while ($server.Running -eq 0) { Start-Sleep -Milliseconds 10 }
            Get-Process -Id $PID | ForEach-Object { & kill -TERM $_.Id }
            while ($server.State -eq 'Running') { Start-Sleep -Milliseconds 10 }
'@
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'there is no SIGTERM'
            return
        }

        $lines = & $pwsh @pwshArguments -Command $script
        $lines -join ' ' | Should -Be 'begun answered action'
    }
}

Describe 'Stop-AsyncServer' {
    It 'stops all of the session, one by its port, and says when there is none' {
        $first = New-AsyncRoute GET / { 1 } | Start-AsyncServer -Port 0 -AsJob -NoWarmUp
        $second = New-AsyncRoute GET / { 2 } | Start-AsyncServer -Port 0 -AsJob -NoWarmUp
        $port = $first.Port
        Stop-AsyncServer -Port $port
        Wait-Until { $first.State -eq 'Completed' }
        $second.State | Should -Be Running
        Stop-AsyncServer -WhatIf
        $second.State | Should -Be Running
        Stop-AsyncServer
        Wait-Until { $second.State -eq 'Completed' }
        Stop-AsyncServer -Port $port -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure.FullyQualifiedErrorId | Should -BeLike 'ServerNotFound,*'
    }
}
