#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'Group-AsyncBatch' {
    It 'makes arrays of so many objects' {
        1..10 | Group-AsyncBatch 4 | ForEach-Object { $_.Count } | Should -Be 4, 4, 2
    }

    It 'reads a queue, whose items are done with their batch' {
        $queue = New-AsyncQueue
        1..5 | Write-AsyncQueue $queue
        Complete-AsyncQueue $queue
        Group-AsyncBatch 2 -InputStream $queue | ForEach-Object { $_ -join ',' } | Should -Be '1,2', '3,4', '5'
        $queue.Finished | Should -Be 5
    }

    It 'lets a batch go when its time is over' {
        $queue = New-AsyncQueue
        1..3 | Write-AsyncQueue $queue
        Group-AsyncBatch 10 -Delay 20ms -InputStream $queue | Select-Object -First 1 | ForEach-Object { $_ -join ',' } | Should -Be '1,2,3'
    }

    It 'says what cannot be read' {
        { Group-AsyncBatch 2 -InputStream 42 } | Should -Throw '*-InputStream*' -ErrorId 'NotAStream,*'
    }
}
