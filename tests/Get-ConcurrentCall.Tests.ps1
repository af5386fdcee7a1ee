#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force

    # Other test files may have left running calls.
    function Get-Own {
        Get-ConcurrentCall | Where-Object { $_.Script -and (Split-Path -Leaf $_.Script) -eq 'Get-ConcurrentCall.Tests.ps1' }
    }
}

Describe 'Get-ConcurrentCall' {
    It 'shows jobs with where they stand and what they wait for' {
        $gate = New-AsyncQueue -Name Gate
        $jobs = 1..2 | Start-Throttled { Read-AsyncQueue $gate -Count 1 }
        try {
            # A block that is just being suspended is in no statement.
            Wait-Until {
                $script:call = Get-Own
                @($call.Items | Where-Object { $_.WaitsFor.Kind -eq 'QueueItem' -and $_.Runs -like '* Read-*' }).Count -eq 2
            }

            $call.Command | Should -Be 'Start-Throttled'
            $call.Kind | Should -Be 'Jobs'
            $call.Items.Input | Should -Be '1', '2'
            $call.Items[0].Runs | Should -BeLike 'Get-ConcurrentCall.Tests.ps1:* Read-AsyncQueue $gate -Count 1'
            "$($call.Items[0].WaitsFor)" | Should -Be 'an item of Gate'

            Wait-Until {
                $script:tree = Get-ConcurrentCall $call.Id -Tree
                $script:text = $tree | Out-String -Width 200
                $text -like '*Job*Read-AsyncQueue*an item of Gate*'
            }
            $tree.Depth | Should -Be 0, 1, 2, 2
            $text | Should -BeLike '*#* Start-Throttled Get-ConcurrentCall.Tests.ps1:*(0 of 2 done, 2 in flight)*'
            $call | Out-String -Width 80 | Should -BeLike '*Start-Throttled*Running*Get-Concur*'
        }
        finally {
            1..2 | Write-AsyncQueue $gate
            $jobs | Receive-Job -Wait -AutoRemoveJob | Should -HaveCount 2
        }

        Wait-Until { $null -eq (Get-Own) }
    }

    It 'shows the statement at which a block is suspended: <Statement>' -ForEach @(
        @{ Statement = 'await $task.Task' }
        @{ Statement = '$x = await $task.Task' }
        @{ Statement = '$task.Task | await' }
        @{ Statement = 'Start-Sleep 600' }
        @{ Statement = '$x = Read-AsyncQueue $gate -Count 1' }
    ) {
        $task = [Threading.Tasks.TaskCompletionSource]::new()
        $gate = New-AsyncQueue
        $job = Start-Throttled ([scriptblock]::Create("'before'; $Statement; 'after'"))
        try {
            Wait-Until {
                $item = (Get-ConcurrentCall).Items.Where({ $_.Job -eq $job.Name })
                $item.WaitsFor.Kind -in 'Task', 'Sleep', 'QueueItem' -and $item.Runs -eq $Statement
            }
        }
        finally {
            $job | Remove-Job -Force
        }
    }

    It 'shows nothing of a secret' {
        $task = [Threading.Tasks.TaskCompletionSource]::new()
        $secret = ConvertTo-SecureString 'hidden' -AsPlainText -Force
        $job = $secret | Start-Throttled { , $task.Task }
        try {
            Wait-Until { (Get-Own).Items.WaitsFor.Kind -eq 'Task' }
            Get-ConcurrentCall -Tree | Out-String -Width 200 | Should -Not -BeLike '*hidden*'
            (Get-Own).Items.Input | Should -Be 'System.Security.SecureString'
        }
        finally {
            $task.SetResult()
            $job | Receive-Job -Wait -AutoRemoveJob
        }
    }
}
