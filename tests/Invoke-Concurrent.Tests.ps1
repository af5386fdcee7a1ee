#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
}

Describe 'The module' {
    It 'exports what its manifest names, and nothing else' {
        $manifest = Test-ModuleManifest "$PSScriptRoot/../output/AsyncPs/AsyncPs.psd1"
        $exported = (Get-Module AsyncPs).ExportedCommands.Keys | Sort-Object
        $exported | Should -Be @($manifest.ExportedCmdlets.Keys + $manifest.ExportedAliases.Keys | Sort-Object)
    }

    It 'uses approved verbs' {
        (Get-Command -Module AsyncPs -CommandType Cmdlet).Verb | Should -BeIn (Get-Verb).Verb
    }
}

Describe 'Invoke-Concurrent' {
    Context 'with input' {
        It 'runs the block for every item' {
            1..100 | Invoke-Concurrent { $_ * 2 } | Sort-Object | Should -Be (1..100 | ForEach-Object { $_ * 2 })
        }

        It 'knows the item as $PSItem too' {
            'a' | Invoke-Concurrent { "<$PSItem>" } | Should -Be '<a>'
        }

        It 'writes in input order with -Ordered' {
            1..20 | Invoke-Concurrent { Start-Sleep -Milliseconds (20 - $_); $_ } -Ordered -ThrottleLimit 8 | Should -Be (1..20)
        }

        It 'writes as results complete without' {
            30000, 1 | Invoke-Concurrent { Start-Sleep -Milliseconds $_; $_ } -ThrottleLimit 2 | Select-Object -First 1 | Should -Be 1
        }

        It 'runs items at once' {
            $gate = [Threading.Barrier]::new(8)
            1..8 | Invoke-Concurrent { ($using:gate).SignalAndWait(30000) } -ThrottleLimit 8 | Should -Be (, $true * 8)
        }

        It 'runs nothing without an item' {
            @() | Invoke-Concurrent { 'ran' } | Should -BeNullOrEmpty
        }

        It 'takes $null as an item' {
            @(1, $null, 2 | Invoke-Concurrent { "[$_]" } -Ordered) | Should -Be '[1]', '[]', '[2]'
        }

        It 'passes objects as they are' {
            $list = [Collections.ArrayList]::new()
            , $list | Invoke-Concurrent { $null = $_.Add('x') }
            $list | Should -Be 'x'
        }

        It 'refuses several blocks before anything runs' {
            $ran = [Collections.Concurrent.ConcurrentQueue[int]]::new()
            { 1 | Invoke-Concurrent { $ran.Enqueue(1) }, { $ran.Enqueue(2) } -ErrorAction Stop } |
                Should -Throw -ErrorId 'SeveralBlocksWithInput,AsyncPs.Commands.InvokeConcurrentCommand'
            $ran.Count | Should -Be 0
        }
    }

    Context 'without input' {
        It 'runs each block once' {
            Invoke-Concurrent { 'a' }, { 'b' }, { 'c' } -Ordered | Should -Be 'a', 'b', 'c'
        }

        It 'runs the blocks at once' {
            $gate = [Threading.Barrier]::new(3)
            Invoke-Concurrent { ($using:gate).SignalAndWait(30000) }, { ($using:gate).SignalAndWait(30000) },
                { ($using:gate).SignalAndWait(30000) } -ThrottleLimit 3 |
                Should -Be $true, $true, $true
        }
    }

    Context 'values from the caller' {
        It 'reads $using: with properties and indexes' {
            $server = @{ Name = 'files'; Ports = 80, 443 }
            1 | Invoke-Concurrent { "$($using:server.Name):$($using:server.Ports[1])" } | Should -Be 'files:443'
        }

        It 'refuses $using: of a variable that is not set' {
            { 1 | Invoke-Concurrent { $using:noSuchVariable } } |
                Should -Throw '*noSuchVariable*' -ErrorId 'UsingVariableNotSet,AsyncPs.Commands.InvokeConcurrentCommand'
        }

        It 'passes arguments to param() and $args' {
            1 | Invoke-Concurrent { param($a, $b) "$_ $a $b" } -ArgumentList 'x', 'y' | Should -Be '1 x y'
            1 | Invoke-Concurrent { "$_ $args" } -ArgumentList 'x', 'y' | Should -Be '1 x y'
        }

        It 'knows the current location' {
            Push-Location $TestDrive
            try { 1 | Invoke-Concurrent { (Get-Location).ProviderPath } | Should -Be (Get-Location).ProviderPath }
            finally { Pop-Location }
        }
    }

    Context 'streams' {
        It 'brings Write-Host as information that reaches the caller' {
            $null = 1 | Invoke-Concurrent { Write-Host "hello $_" } -InformationVariable said 6>$null
            "$said" | Should -Be 'hello 1'
        }

        It 'brings Write-Warning, and honours -WarningAction' {
            1 | Invoke-Concurrent { Write-Warning "mind $_" } 3>&1 | Should -Be 'mind 1'
            1 | Invoke-Concurrent { Write-Warning "mind $_" } -WarningAction SilentlyContinue 3>&1 | Should -BeNullOrEmpty
            { 1 | Invoke-Concurrent { Write-Warning "mind $_" } -WarningAction Stop 3>$null } | Should -Throw '*mind 1*'
        }

        It 'fills -WarningVariable' {
            $null = 1 | Invoke-Concurrent { Write-Warning "mind $_" } -WarningVariable minded 3>$null
            "$minded" | Should -Be 'mind 1'
        }

        It 'fills -WarningVariable with -WarningAction SilentlyContinue' {
            $null = 1 | Invoke-Concurrent { Write-Warning "mind $_" } -WarningAction SilentlyContinue -WarningVariable minded
            "$minded" | Should -Be 'mind 1'
        }

        It 'brings verbose and debug messages' {
            1 | Invoke-Concurrent { Write-Verbose 'more' -Verbose } -Verbose 4>&1 | Should -Be 'more'
            1 | Invoke-Concurrent { Write-Debug 'most' -Debug } -Debug 5>&1 | Should -Be 'most'
        }

        It 'brings Write-Error with the item as its target, and goes on' {
            $out = 'a', 'b' | Invoke-Concurrent { Write-Error "bad $_"; $_ } -Ordered -ErrorVariable failed 2>$null
            $out | Should -Be 'a', 'b'
            $failed.TargetObject | Should -Be 'a', 'b'
        }
    }

    Context 'errors' {
        It 'makes what an item throws an error, and leaves the others alone' {
            $out = 1..5 |
                Invoke-Concurrent { if ($_ -eq 3) { throw "no $_" }; $_ } -Ordered -ErrorVariable failed -ErrorAction SilentlyContinue
            $out | Should -Be 1, 2, 4, 5
            $failed | Should -HaveCount 1
            $failed[0].ToString() | Should -Be 'no 3'
            $failed[0].TargetObject | Should -Be 3
        }

        It 'keeps id, category and position' {
            $null = 1 | Invoke-Concurrent { Get-Item (Join-Path $_ 'none') -ErrorAction Stop } -ErrorVariable failed 2>$null
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
            $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $failed[0].InvocationInfo.ScriptName | Should -Be $PSCommandPath
        }

        It 'ends the command with -ErrorAction Stop' {
            { 1..1000 | Invoke-Concurrent { throw "no $_" } -ErrorAction Stop } | Should -Throw 'no *'
        }

        It 'lets <_> end only its item' -ForEach 'return', 'exit', 'break', 'continue' {
            $block = [scriptblock]::Create("`$_; if (`$_ -eq 2) { $_ }; 'after'")
            @(1..3 | Invoke-Concurrent $block -Ordered) | Should -Be 1, 'after', 2, 3, 'after'
        }
    }

    Context 'stopping' {
        It 'ends an endless upstream with Select-Object -First' {
            & { $n = 0; while ($true) { (++$n) } } | Invoke-Concurrent { $_ } -Ordered | Select-Object -First 10 | Should -Be (1..10)
        }

        It 'leaves workers that can be used, and the process, after nested calls that were stopped' {
            foreach ($i in 1..20) {
                $null = 1..4 |
                    Invoke-Concurrent { 1..3 | Invoke-Concurrent { 1..3 | Invoke-Concurrent { Start-Sleep -Milliseconds 20; $_ } } } |
                    Select-Object -First 1
                1..16 | Invoke-Concurrent { Start-Sleep -Milliseconds 1; $_ } -ErrorVariable failed | Should -HaveCount 16
                $failed | Should -BeNullOrEmpty
            }
        }

        It 'stops what still runs' {
            0, 600, 600 | Invoke-Concurrent { Start-Sleep $_; $_ } -ThrottleLimit 3 | Select-Object -First 1 | Should -Be 0
        }

        It 'ends on an error downstream' {
            { 1..1000 | Invoke-Concurrent { $_ } | ForEach-Object { throw 'downstream' } } | Should -Throw 'downstream'
            1 | Invoke-Concurrent { 'still works' } | Should -Be 'still works'
        }
    }

    Context 'common parameters' {
        It 'fills -OutVariable and -PipelineVariable' {
            $null = 1..3 | Invoke-Concurrent { $_ } -Ordered -OutVariable out
            $out | Should -Be 1, 2, 3
            1..3 | Invoke-Concurrent { $_ } -Ordered -PipelineVariable result | ForEach-Object { $result * 10 } | Should -Be 10, 20, 30
        }

        It 'has help with its syntax' {
            (Get-Help Invoke-Concurrent).Name | Should -Be 'Invoke-Concurrent'
            Get-Help Invoke-Concurrent | Out-String | Should -Match 'ThrottleLimit'
        }

        It 'refuses a limit below 1' {
            { 1 | Invoke-Concurrent { $_ } -ThrottleLimit 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        }
    }

    Context 'runspaces' {
        It 'leaves nothing of one item to the next' {
            1..50 | Invoke-Concurrent { "$seen"; $seen = $_ } -ThrottleLimit 2 | Sort-Object -Unique | Should -Be ''
        }

        It 'uses new ones with -UseNewRunspace' {
            $before = @(Get-Runspace).Id
            1 | Invoke-Concurrent { [runspace]::DefaultRunspace.Id } -UseNewRunspace | Should -Not -BeIn $before
        }

        It 'nests' {
            1..3 | Invoke-Concurrent { $n = $_; 1..2 | Invoke-Concurrent { $_ * $using:n } -Ordered } -Ordered | Should -Be 1, 2, 2, 4, 3, 6
        }
    }
}

Describe 'Invoke-Concurrent, the end of items' {
    It 'gives a result for every item with -AsResult' {
        $results = 1..4 | Invoke-Concurrent { if ($_ -eq 2) { Write-Error 'not this one' }; $_ * 10 } -AsResult -Ordered
        $results.Status | Should -Be 'Succeeded', 'Failed', 'Succeeded', 'Succeeded'
        $results.Output | Should -Be 10, 20, 30, 40
        $results[1].Error[0].TargetObject | Should -Be 2
    }

    It 'shows results as a table in 80 columns' {
        $text = 1..2 | Invoke-Concurrent { $_ } -AsResult | Out-String -Width 80
        $text | Should -Match 'Index\s+Status\s+Duration\s+Attempt\s+Input\s+Result'
    }

    It 'stops the others at the first failure with -FailFast' {
        { 1..4 | Invoke-Concurrent { if ($_ -eq 2) { throw 'bad' }; Start-Sleep 600 } -FailFast } |
            Should -Throw -ErrorId 'FailFast,AsyncPs.Commands.InvokeConcurrentCommand' -ExceptionType ([AggregateException])
    }

    It 'stops an item whose time is over, and only that one' {
        $quietly = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failed' }
        1..4 |
            Invoke-Concurrent { if ($_ -eq 2) { Start-Sleep 60 }; $_ } -ItemTimeout 3s -Ordered @quietly |
            Should -Be 1, 3, 4
        $failed.TargetObject | Should -Be 2
        $failed[0].Exception | Should -BeOfType ([TimeoutException])
    }

    It 'ends a call whose time is over' {
        { 1..4 | Invoke-Concurrent { Start-Sleep 60 } -Timeout 300ms } | Should -Throw -ExceptionType ([TimeoutException])
    }

    It 'tries again what has failed' {
        $tries = [hashtable]::Synchronized(@{})
        1..3 | Invoke-Concurrent {
            if (++$tries["$_"] -lt 3) { throw 'not yet' }
            "$_ at $($AsyncContext.Attempt)"
        } -RetryCount 2 -RetryDelay 1ms -Ordered | Should -Be '1 at 3', '2 at 3', '3 at 3'
    }

    It 'awaits tasks' {
        1..100 |
            Invoke-Concurrent { [Threading.Tasks.Task]::FromResult($_); [Threading.Tasks.Task]::Delay(10) } -ThrottleLimit 100 -Ordered |
            Should -Be (1..100)
    }

    It 'runs batches' {
        1..5 | Invoke-Concurrent { $_ -join '+' } -BatchSize 2 -Ordered | Should -Be '1+2', '3+4', '5'
    }

    It 'runs a block once a worker' {
        1..10 | Invoke-Concurrent { $prefix + $_ } -InitializationScript { $prefix = 'item ' } -Ordered |
            Should -Be (1..10 | ForEach-Object { "item $_" })
    }

    It 'refuses what means nothing' -ForEach @(
        @{ Arguments = @{ BatchDelay = 1 } }
        @{ Arguments = @{ RetryOn = 'IOException' } }
    ) {
        { 1 | Invoke-Concurrent { 1 } @Arguments } | Should -Throw -ErrorId 'ParameterNeedsAnother,AsyncPs.Commands.InvokeConcurrentCommand'
    }

    Context 'the family of -RetryCount' {
        It 'tells -OnRetry of each retry, in the caller''s session' {
            $told = [Collections.Generic.List[string]]::new()
            1..2 |
                Invoke-Concurrent {
                    if ($AsyncContext.Attempt -lt 3) { throw "no $_" }; $_
                } -Ordered -RetryCount 2 -RetryDelay 2ms -MaxDelay 3ms -NoJitter -OnRetry {
                    $told.Add("$($_.Error.TargetObject) $($_.Attempt) $($_.Delay.TotalMilliseconds)")
                } | Should -Be 1, 2
            $told | Sort-Object | Should -Be '1 1 2', '1 2 3', '2 1 2', '2 2 3'
        }

        It 'fails items at once when the circuit breaker has opened' {
            $breaker = New-CircuitBreaker -MinimumThroughput 2
            $quietly = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failed' }
            1..5 | Invoke-Concurrent { throw 'no' } -ThrottleLimit 1 -CircuitBreaker $breaker @quietly
            $failed.FullyQualifiedErrorId | Select-Object -Last 3 | Should -BeLike 'CircuitOpen*'
            $breaker.State | Should -Be 'Open'
        }

        It 'starts a second attempt beside one that takes longer than -Hedge' {
            $calls = [Collections.Concurrent.ConcurrentDictionary[int, int]]::new()
            1..3 | Invoke-Concurrent {
                if ($calls.AddOrUpdate($_, 1, { $args[1] + 1 }) -eq 1) { Start-Sleep 300 }
                "answer $_"
            } -Hedge 50ms -Ordered | Should -Be 'answer 1', 'answer 2', 'answer 3'
        }
    }
}
