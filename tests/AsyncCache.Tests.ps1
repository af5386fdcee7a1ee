#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'Get-AsyncCache' {
    BeforeEach {
        $cache = New-AsyncCache -TimeToLive 1h
    }

    It 'computes a value once' {
        $calls = [Collections.Generic.List[string]]::new()
        1..3 | ForEach-Object { Get-AsyncCache $cache 'key' { $calls.Add('call'); 'value' } } | Should -Be 'value', 'value', 'value'
        $calls.Count | Should -Be 1
    }

    It 'computes a value once for all items that run at once' {
        1..50 | Invoke-Concurrent { Get-AsyncCache $cache 'key' { Start-Sleep -Milliseconds 20; [guid]::NewGuid() } } -ThrottleLimit 50 |
            Select-Object -Unique | Should -HaveCount 1
        $cache.Computed | Should -Be 1
    }

    It 'sees the variables and functions of the caller' {
        function Get-Double($n) { 2 * $n }
        $number = 21
        Get-AsyncCache $cache 'key' { Get-Double $number } | Should -Be 42
    }

    It 'passes an error on, and does not keep it' {
        { Get-AsyncCache $cache 'key' { throw 'no' } } | Should -Throw 'no'
        Get-AsyncCache $cache 'key' { 'yes' } | Should -Be 'yes'
    }

    It 'writes nothing for a key that is not there when there is no block' {
        Get-AsyncCache $cache 'key' | Should -BeNullOrEmpty
    }

    It 'takes keys from the pipeline' {
        'a', 'b', 'a' | Get-AsyncCache $cache -ScriptBlock { "value of $_" } | Should -Be 'value of a', 'value of b', 'value of a'
    }

    It 'offers keys' {
        $null = 'first key', 'second' | Get-AsyncCache $cache -ScriptBlock { 1 }
        $global:cacheToComplete = $cache
        try {
            $offered = TabExpansion2 'Remove-AsyncCache -Cache $cacheToComplete -Key f'
            $offered.CompletionMatches.CompletionText | Should -Be "'first key'"
        }
        finally {
            Remove-Variable cacheToComplete -Scope Global
        }
    }
}

Describe 'Remove-AsyncCache' {
    It 'removes one value, several, or all' {
        $cache = New-AsyncCache
        $null = 1..5 | Get-AsyncCache $cache -ScriptBlock { $_ }
        Remove-AsyncCache $cache 1
        2, 3 | Remove-AsyncCache $cache
        $cache.Keys | Sort-Object | Should -Be 4, 5
        Remove-AsyncCache $cache -All
        $cache.Count | Should -Be 0
    }
}

Describe 'New-AsyncCache' {
    It 'says what -StaleWhileRevalidate needs' {
        { New-AsyncCache -StaleWhileRevalidate 1m } | Should -Throw '*-TimeToLive*' -ErrorId 'ParameterNeedsAnother,*'
    }

    It 'is shown as a table' {
        $cache = New-AsyncCache -TimeToLive 5m -StaleWhileRevalidate 1m -SlidingExpiration 2m
        $null = Get-AsyncCache $cache 'key' { 1 }
        $text = $cache | Out-String -Width 200
        $text | Should -Match 'Count +MaxCount +Hits +Misses +HitRatio'
        $text | Should -Match '1 +10000 +0 +1 +0.0 % .* 5 min, stale \+1 min, unread 2 min'
    }
}
