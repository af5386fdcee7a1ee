#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force

    # Other test files may have left running calls.
    function Get-Own {
        Get-ConcurrentCall | Where-Object { $_.Script -and (Split-Path -Leaf $_.Script) -eq 'Get-ConcurrentCall.Tests.ps1' }
    }

    function Wait-Until([scriptblock] $Condition) {
        $deadline = [datetime]::Now.AddMinutes(1)
        while (-not (& $Condition)) { [datetime]::Now | Should -BeLessThan $deadline -Because "it waits until $Condition" }
    }
}

Describe 'Get-ConcurrentCall' {
    It 'shows jobs with where they stand and what they wait for' {
        $gate = New-AsyncQueue -Name Gate
        $jobs = 1..2 | Start-Throttled { Read-AsyncQueue $gate -Count 1 }
        try {
            Wait-Until { @((Get-Own).Items.WaitsFor | Where-Object Kind -EQ QueueItem).Count -eq 2 }
            $call = Get-Own

            $call.Command | Should -Be 'Start-Throttled'
            $call.Kind | Should -Be 'Jobs'
            $call.Items.Input | Should -Be '1', '2'
            $call.Items[0].Runs | Should -BeLike 'Get-ConcurrentCall.Tests.ps1:* Read-AsyncQueue $gate -Count 1'
            "$($call.Items[0].WaitsFor)" | Should -Be 'an item of Gate'

            $tree = Get-ConcurrentCall $call.Id -Tree
            $tree.Depth | Should -Be 0, 1, 2, 2
            $text = $tree | Out-String -Width 200
            $text | Should -BeLike '*#* Start-Throttled Get-ConcurrentCall.Tests.ps1:*(0 of 2 done, 2 in flight)*'
            $text | Should -BeLike '*Job*Read-AsyncQueue*an item of Gate*'
            $call | Out-String -Width 80 | Should -BeLike '*Start-Throttled*Running*Get-Concur*'
        }
        finally {
            1..2 | Write-AsyncQueue $gate
            $jobs | Receive-Job -Wait -AutoRemoveJob | Should -HaveCount 2
        }

        Wait-Until { $null -eq (Get-Own) }
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
