#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The checks of ForEach-Object -Parallel's test suite, for Invoke-Concurrent and Start-Throttled, without the intended differences: common
# parameters and script blocks as values are allowed.

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
    . "$PSScriptRoot/Helpers.ps1"

    $patience = 60000

    function Get-Tally($values) {
        $values | Group-Object | Sort-Object Name | ForEach-Object { "$($_.Name) x $($_.Count)" }
    }
}

Describe 'Invoke-Concurrent as ForEach-Object -Parallel is' {
    Context '$using:' {
        It 'gives variables and their elements' {
            $word = 'one'
            $words = 'two', 'three'
            1 | Invoke-Concurrent { $using:word; $using:words[1] } | Should -Be 'one', 'three'
        }

        It 'gives them to a block made from text' {
            $word = 'one'
            $words = 'two', 'three'
            1 | Invoke-Concurrent ([scriptblock]::Create('$using:word; $using:words[1]')) | Should -Be 'one', 'three'
        }

        It 'gives them to a block in a variable' {
            $word = 'one'
            $words = 'two', 'three'
            $block = { $using:word; $using:words[1] }
            1 | Invoke-Concurrent $block | Should -Be 'one', 'three'
        }

        It 'gives them to a block inside the block' {
            $word = 'inner'
            Get-Tally (1..2 | Invoke-Concurrent { & { $using:word } }) | Should -Be 'inner x 2'
        }

        It 'means in a call inside a call the variable of the block around it' {
            $level = 'first'
            $results = 1..2 | Invoke-Concurrent {
                $using:level
                $level = 'second'
                1..2 | Invoke-Concurrent {
                    $using:level
                    $level = 'third'
                    1..2 | Invoke-Concurrent { $using:level }
                }
            }
            Get-Tally $results | Should -Be 'first x 2', 'second x 4', 'third x 8'
        }

        It 'reads in calls inside calls, <Case>' -ForEach @(
            @{ Case = 'two literal blocks, two names'; Outer = { $using:first; $second = 'b'; 1..2 | Invoke-Concurrent { $using:second } } }
            @{ Case = 'two literal blocks, one name'; Outer = { $using:first; $first = 'b'; 1..2 | Invoke-Concurrent { $using:first } } }
            @{
                Case = 'a literal and one of text, two names'
                Outer = {
                    $using:first; $second = 'b'; $inner = [scriptblock]::Create('$using:second'); 1..2 | Invoke-Concurrent $inner
                }
            }
            @{
                Case = 'a literal and one of text, one name'
                Outer = { $using:first; $first = 'b'; $inner = [scriptblock]::Create('$using:first'); 1..2 | Invoke-Concurrent $inner }
            }
            @{
                Case = 'one of text and a literal, two names'
                Outer = [scriptblock]::Create('$using:first; $second = "b"; 1..2 | Invoke-Concurrent { $using:second }')
            }
            @{
                Case = 'one of text and a literal, one name'
                Outer = [scriptblock]::Create('$using:first; $first = "b"; 1..2 | Invoke-Concurrent { $using:first }')
            }
            @{
                Case = 'two of text, two names'
                Outer = [scriptblock]::Create('$using:first; $second = "b"; $inner = [scriptblock]::Create(''$using:second'')
                    1..2 | Invoke-Concurrent $inner')
            }
            @{
                Case = 'two of text, one name'
                Outer = [scriptblock]::Create('$using:first; $first = "b"; $inner = [scriptblock]::Create(''$using:first'')
                    1..2 | Invoke-Concurrent $inner')
            }
        ) {
            $first = 'a'
            Get-Tally (1..2 | Invoke-Concurrent $Outer) | Should -Be 'a x 2', 'b x 4'
        }

        # A literal inner block sees what the outer one sees, by capture: so it is turned off, and the rule is the peer's.
        It 'fails in a call inside a call for what the block around it has not set: <Case>' -ForEach @(
            @{ Case = 'two literal blocks'; Outer = { $using:word; 1 | Invoke-Concurrent { $using:word } -NoCapture } }
            @{
                Case = 'two of text'
                Outer = [scriptblock]::Create('$using:word; $inner = [scriptblock]::Create(''$using:word''); 1 | Invoke-Concurrent $inner')
            }
            @{
                Case = 'a literal in one of text, by a variable'
                Outer = [scriptblock]::Create('$using:word; $inner = { $using:word }; 1 | Invoke-Concurrent $inner -NoCapture')
            }
            @{
                Case = 'a literal in one of text'
                Outer = [scriptblock]::Create('$using:word; 1 | Invoke-Concurrent { $using:word } -NoCapture')
            }
        ) {
            $word = 'outer'
            1 | Invoke-Concurrent $Outer -NoCapture -ErrorVariable failed 2>$null | Should -Be 'outer'
            $failed[0].FullyQualifiedErrorId | Should -Be 'UsingVariableNotSet,AsyncPs.Commands.InvokeConcurrentCommand'
        }
    }

    Context 'input' {
        It 'is $_, each once' {
            1..10 | Invoke-Concurrent { $_ } | Sort-Object | Should -Be (1..10)
        }
    }

    Context 'streams' {
        It 'makes an error that ends a block one of the error stream' {
            $results = @(1 | Invoke-Concurrent { throw 'over'; 'not reached' } 2>&1)
            $results | Should -HaveCount 1
            $results[0] | Should -BeOfType ([Management.Automation.ErrorRecord])
            $results[0].ToString() | Should -Be 'over'
        }

        It 'goes on with other items after it' {
            $results = 1..2 | Invoke-Concurrent {
                if ($_ -eq 1) {
                    throw 'over'
                }

                "item $_"
            } 2>&1
            $results | ForEach-Object { "$_" } | Sort-Object | Should -Be 'item 2', 'over'
        }

        It 'has Write-Error with its id' {
            $errors = @(1 | Invoke-Concurrent { Write-Error 'wrong' } 2>&1)
            $errors | Should -HaveCount 1
            $errors[0].ToString() | Should -Be 'wrong'
            $errors[0].FullyQualifiedErrorId | Should -Be 'Microsoft.PowerShell.Commands.WriteErrorException'
        }

        It 'has warnings' {
            (1 | Invoke-Concurrent { Write-Warning 'mind' } 3>&1).Message | Should -Be 'mind'
        }

        It 'has verbose messages' {
            (1 | Invoke-Concurrent { Write-Verbose 'more' -Verbose } -Verbose 4>&1).Message | Should -Be 'more'
        }

        It 'has debug messages' {
            (1 | Invoke-Concurrent { Write-Debug 'most' -Debug } -Debug 5>&1).Message | Should -Be 'most'
        }

        It 'has information' {
            (1 | Invoke-Concurrent { Write-Information 'news' } 6>&1).MessageData | Should -Be 'news'
        }

        It 'has progress' {
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript('Import-Module $args[0]; $ProgressPreference = "Continue"
                    1..2 | Invoke-Concurrent { Write-Progress -Activity Cooking -Status "Stirring" }')
                $null = $shell.AddArgument("$PSScriptRoot/../output/AsyncPs")
                $null = $shell.Invoke()
                $shell.Streams.Error | Should -BeNullOrEmpty
                @($shell.Streams.Progress | ForEach-Object { "$($_.Activity): $($_.StatusDescription)" }) |
                    Should -Be 'Cooking: Stirring', 'Cooking: Stirring'
            }
            finally {
                $shell.Dispose()
            }
        }
    }

    Context 'the session' {
        It 'runs blocks in the full language' {
            1 | Invoke-Concurrent { "$($ExecutionContext.SessionState.LanguageMode)" } | Should -Be 'FullLanguage'
        }

        It 'runs blocks at the current location' {
            Push-Location $TestDrive
            try {
                (1 | Invoke-Concurrent { $PWD }).Path | Should -Be $PWD.Path
            }
            finally {
                Pop-Location
            }
        }

        It 'runs blocks at a location with wildcards in its name' {
            $folder = [IO.Directory]::CreateDirectory((Join-Path $TestDrive '['))
            Push-Location -LiteralPath $folder.FullName
            try {
                (1 | Invoke-Concurrent { $PWD }).Path | Should -Be $PWD.Path
            }
            finally {
                Pop-Location
                # Pester cannot.
                $folder.Delete()
            }
        }

        It 'runs blocks although the location is on a drive that workers do not have' {
            $null = New-PSDrive -Name PeersDrive -PSProvider FileSystem -Root $TestDrive
            Push-Location PeersDrive:
            try {
                1 | Invoke-Concurrent { $_ } -ErrorVariable failed | Should -Be 1
                $failed | Should -BeNullOrEmpty
            }
            finally {
                Pop-Location
                Remove-PSDrive PeersDrive
            }
        }
    }

    Context 'variables of common parameters' {
        It 'fills -ErrorVariable' {
            1 | Invoke-Concurrent { Write-Error "error $_" } -ErrorVariable got *> $null
            $got[0].ToString() | Should -Be 'error 1'
        }

        It 'fills -WarningVariable' {
            1 | Invoke-Concurrent { Write-Warning "warning $_" } -WarningVariable got *> $null
            $got[0].ToString() | Should -Be 'warning 1'
        }

        It 'fills -InformationVariable' {
            1 | Invoke-Concurrent { Write-Information "information $_" } -InformationVariable got *> $null
            $got[0].ToString() | Should -Be 'information 1'
        }

        It 'fills -OutVariable' {
            1 | Invoke-Concurrent { Write-Output "output $_" } -OutVariable got *> $null
            $got[0].ToString() | Should -Be 'output 1'
        }
    }

    Context 'the limit' {
        It 'runs items as they come in, as many at once as the limit says' {
            $meeting = [Threading.Barrier]::new(5)
            $results = 10..1 | Invoke-Concurrent {
                if (-not ($using:meeting).SignalAndWait($using:patience)) {
                    throw 'Fewer than five run.'
                }

                $_
            } -ThrottleLimit 5
            $results[0..4] | Sort-Object | Should -Be (6..10)
            $results[5..9] | Sort-Object | Should -Be (1..5)
        }

        It 'keeps an item waiting while the limit is used up, until the time is over' {
            $started = [Collections.Concurrent.ConcurrentQueue[int]]::new()
            $never = [Threading.ManualResetEventSlim]::new()
            {
                1..2 |
                    Invoke-Concurrent {
                        ($using:started).Enqueue($_); "output $_"; ($using:never).Wait()
                    } -Timeout 3 -ThrottleLimit 1 -OutVariable script:written
            } | Should -Throw -ExceptionType ([TimeoutException]) -ErrorId 'CallTimedOut,AsyncPs.Commands.InvokeConcurrentCommand'
            $started.ToArray() | Should -Be 1
            $script:written | Should -Be 'output 1'
        }
    }
}

Describe 'Start-Throttled as ForEach-Object -Parallel -AsJob is' {
    AfterEach {
        Get-Job | Remove-Job -Force 3> $null
    }

    It 'makes jobs that Get-Job knows' {
        $job = 1 | Start-Throttled { 'done' }
        Get-Job | Should -Contain $job
    }

    It 'gives each item as $_' {
        1..10 | Start-Throttled { $_ } | Receive-Job -Wait | Sort-Object | Should -Be (1..10)
    }

    It 'gives $using: variables, lists whole or by element' {
        $word = 'one'
        $number = 105
        $words = 'two', 'three', 'four'
        $results = 1 | Start-Throttled { $using:word; $using:number; Write-Output @(, $using:words); $using:words[1] } | Receive-Job -Wait
        $results | Should -HaveCount 4
        $results[0] | Should -Be 'one'
        $results[1] | Should -Be 105
        $results[2] | Should -Be $words
        $results[3] | Should -Be 'three'
    }

    It 'tells of each job how it ended' {
        $jobs = 1..2 | Start-Throttled {
            if ($_ -eq 1) {
                throw 'over'
                'not reached'
            }

            "item $_"
        } | Wait-Job
        $jobs | Receive-Job 2> $null | Should -Be 'item 2'
        $jobs.State | Should -Be 'Failed', 'Completed'
        $jobs[0].JobStateInfo.Reason.Message | Should -Be 'over'
    }

    It 'tells the block as the command' {
        (1 | Start-Throttled {"Hello"}).Command | Should -Be '"Hello"'
    }

    It 'runs blocks at the location of the caller' {
        Push-Location $TestDrive
        try {
            (1 | Start-Throttled { $PWD } | Receive-Job -Wait).Path | Should -Be $PWD.Path
        }
        finally {
            Pop-Location
        }
    }

    It 'has jobs wait while the limit is used up, and no more runspaces than it says' {
        $gate = [Threading.ManualResetEventSlim]::new()
        $jobs = 1..4 | Start-Throttled { $null = ($using:gate).Wait($using:patience); [runspace]::DefaultRunspace.Id } -ThrottleLimit 2
        Wait-Until { @($jobs | Where-Object State -EQ Running).Count -eq 2 }
        $jobs.State | Should -Be 'Running', 'Running', 'NotStarted', 'NotStarted'
        $gate.Set()
        $runspaces = $jobs | Receive-Job -Wait
        $runspaces | Should -HaveCount 4
        @($runspaces | Sort-Object -Unique).Count | Should -BeLessOrEqual 2
    }

    It 'forgets jobs that Receive-Job -AutoRemoveJob has received' {
        $jobs = 1..4 | Start-Throttled { "item $_" }
        $jobs | Receive-Job -Wait -AutoRemoveJob | Sort-Object | Should -Be (1..4 | ForEach-Object { "item $_" })
        Get-Job | Should -BeNullOrEmpty
    }
}
