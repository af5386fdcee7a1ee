#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The caller's host shows the host output of blocks, in order with the other streams.

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force

    # Only a process of its own has a console to show something on.
    function Get-Shown([string] $Script) {
        $file = (New-Item "$TestDrive/shown.ps1" -Force).FullName
        Set-Content $file "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$PSScriptRoot/../output/AsyncPs'; $Script"
        pwsh -NoProfile -NonInteractive -File $file
    }
}

Describe 'What a block shows' {
    It 'is shown as it is in place' {
        $lines = Get-Shown {
            $block = {
                Write-Host 'one ' -NoNewline
                Write-Host 'line'
                Write-Host 'red' -ForegroundColor Red
                'out'
                Remove-Item $PSCommandPath -WhatIf
                'through' | Out-Host
                $Host.UI.Write('no line, ')
                $Host.UI.WriteLine('line')
                $Host.UI.WriteLine('Red', 'Black', 'colored')
                Write-Warning 'mind'
                $Host.UI.WriteWarningLine('mind too')
                Write-Verbose 'said' -Verbose
                $Host.UI.WriteVerboseLine('said too')
                [pscustomobject] @{ Name = 'n'; Value = 1 } | Format-Table | Out-Host
                'last'
            }
            & $block
            'from here on concurrently'
            1 | Invoke-Concurrent $block
            'from here on in a job'
            Start-Throttled $block | Receive-Job -Wait -AutoRemoveJob
        }
        $text = $lines -join "`n"
        $inPlace, $concurrent, $job = $text -split 'from here on .*\n'
        $concurrent | Should -Be $inPlace
        $inPlace |
            Should -BeLike "one line`nred`nout`nWhat if:*through`nno line, line`ncolored`nWARNING: mind`nWARNING: mind too`nVERBOSE: said*"
        foreach ($said in 'one line', 'What if: ', 'through', 'no line, line', 'colored', 'mind too') {
            $job | Should -BeLike "*$said*"
            ($job -split [regex]::Escape($said)).Count | Should -Be 2 -Because "'$said' comes once"
        }
    }

    It 'comes from calls in calls too, from attempts, and with -AsResult' {
        Get-Shown {
            1 | Invoke-Concurrent { 1 | Invoke-Concurrent { 'inner' | Out-Host } }
            $null = 1 |
                Invoke-Concurrent {
                    "attempt $($AsyncContext.Attempt)" | Out-Host; if ($AsyncContext.Attempt -eq 1) { throw 'x' }
                } -RetryCount 1 -RetryDelay 0 -AsResult
        } | Should -Be 'inner', 'attempt 1', 'attempt 2'
    }

    It 'is no output' {
        1 | Invoke-Concurrent { Remove-Item $PSCommandPath -WhatIf; 'out' } | Should -Be 'out'
        Test-Path $PSCommandPath | Should -BeTrue
    }

    It 'knows the window' {
        Get-Shown { $Host.UI.RawUI.BufferSize.Width; 1 | Invoke-Concurrent { $Host.UI.RawUI.BufferSize.Width } } |
            Select-Object -Unique | Should -HaveCount 1
    }

    It 'asks no questions' {
        { 1 | Invoke-Concurrent { Read-Host 'what?' } -ErrorAction Stop } | Should -Throw -ExceptionType ([NotImplementedException])
        { 1 | Invoke-Concurrent { Get-Item } -ErrorAction Stop } | Should -Throw '*mandatory parameters: Path*'
    }
}
