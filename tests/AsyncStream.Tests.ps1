#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'New-AsyncStream' {
    It 'runs nothing before the first read' {
        $log = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        $stream = New-AsyncStream { $log.Enqueue('ran'); 1 }
        $log.Count | Should -Be 0
        Read-AsyncStream $stream | Should -Be 1
        "$log" | Should -Be 'ran'
    }

    It 'sees what it names of its caller, as it was' {
        $factor = 2
        function Get-Product($n) { $n * $factor }
        $stream = New-AsyncStream { 1..3 | ForEach-Object { Get-Product $_ } }
        $factor = 100
        Read-AsyncStream $stream | Should -Be 2, 4, 6
    }

    It 'passes arguments' {
        Read-AsyncStream (New-AsyncStream { param($a, $b) $a..$b } -ArgumentList 2, 4) | Should -Be 2, 3, 4
    }

    It 'cleans up when the reader has enough' {
        $log = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        $stream = New-AsyncStream { try { $n = 0; while ($true) { (++$n) } } finally { $log.Enqueue('end') } }
        Read-AsyncStream $stream | Select-Object -First 3 | Should -Be 1, 2, 3
        "$log" | Should -Be 'end'
    }

    It 'refuses -Prefetch 0' {
        { New-AsyncStream { 1 } -Prefetch 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }
}

Describe 'Read-AsyncStream' {
    It 'ends with the error of the producer after its elements' {
        $stream = New-AsyncStream { 1; throw 'broken' }
        $seen = [Collections.Generic.List[int]]::new()
        { Read-AsyncStream $stream | ForEach-Object { $seen.Add($_) } } | Should -Throw 'broken'
        $seen | Should -Be 1
    }

    It 'brings warnings and the like' {
        $stream = New-AsyncStream { Write-Warning 'mind'; Write-Host 'hello' ; 1 }
        Read-AsyncStream $stream -WarningVariable minded -InformationVariable said 3>$null 6>$null |
            Should -Be 1
        "$minded $said" | Should -Be 'mind hello'
    }

    It 'takes turns' {
        Read-AsyncStream (New-AsyncStream { 1..3 }), (New-AsyncStream { 'a', 'b' }) -InTurn | Should -Be 1, 'a', 2, 'b', 3
    }

    It 'ends after -Count and -Timeout' {
        Read-AsyncStream (New-AsyncStream { 1..9 }) -Count 2 | Should -Be 1, 2
        $queue = New-AsyncQueue
        1 | Write-AsyncQueue $queue
        Read-AsyncStream $queue -Timeout 10ms -ErrorVariable late -ErrorAction SilentlyContinue | Should -Be 1
        $late[0].FullyQualifiedErrorId | Should -BeLike 'StreamReadTimeout,*'
    }

    It 'refuses what is no stream' {
        { Read-AsyncStream 'text' } | Should -Throw '*New-AsyncStream*' -ErrorId 'NotAStream,*'
    }
}

Describe 'Invoke-Concurrent -InputStream' {
    It 'runs the items of a queue, each once' {
        $queue = New-AsyncQueue
        1..50 | Write-AsyncQueue $queue
        Complete-AsyncQueue $queue
        Invoke-Concurrent { $_ } -InputStream $queue -ThrottleLimit 3 | Sort-Object | Should -Be (1..50)
        $queue.Finished, $queue.InFlight | Should -Be 50, 0
    }

    It 'leaves the queue what Select-Object -First does not need' {
        $queue = New-AsyncQueue
        1..50 | Write-AsyncQueue $queue
        Invoke-Concurrent { $_ } -InputQueue $queue -ThrottleLimit 2 | Select-Object -First 3 | Should -HaveCount 3
        $queue.InFlight | Should -Be 0
        $queue.Finished + $queue.Count | Should -Be 50
    }

    It 'crawls with a queue of its own' {
        $null = New-Item "$TestDrive/a/b", "$TestDrive/c" -ItemType Directory
        1..3 | ForEach-Object { Set-Content "$TestDrive/a/b/$_.txt" $_ }
        $folders = New-AsyncQueue
        Write-AsyncQueue $folders (Get-Item $TestDrive)
        Complete-AsyncQueue $folders -WhenDone
        Invoke-Concurrent -InputStream $folders {
            Get-ChildItem $_ -File | ForEach-Object Name
            Get-ChildItem $_ -Directory | Write-AsyncQueue $folders
        } | Sort-Object | Should -Be '1.txt', '2.txt', '3.txt'
    }

    It 'refuses what is no stream' {
        { Invoke-Concurrent { $_ } -InputStream 5 } | Should -Throw '-InputStream takes*' -ErrorId 'NotAStream,*'
    }
}
