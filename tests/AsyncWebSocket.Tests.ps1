#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force

    . "$PSScriptRoot/Helpers.ps1"

    # An echo server that fails on request.
    $server = Start-TestServer {
        param($listener, $stop)
        while ($listener.IsListening) {
            try { $context = $listener.GetContextAsync().WaitAsync($stop).GetAwaiter().GetResult() } catch { break }
            if (-not $context.Request.IsWebSocketRequest) {
                $context.Response.StatusCode = 426
                $context.Response.Close()
                continue
            }

            $socket = $context.AcceptWebSocketAsync([NullString]::Value).Result.WebSocket
            $buffer = [byte[]]::new(65536)
            while ($true) {
                $frame = $socket.ReceiveAsync([ArraySegment[byte]] $buffer, $stop).Result
                if ($frame.MessageType -eq 'Close') {
                    $null = $socket.CloseOutputAsync('NormalClosure', '', $stop).Wait(5000)
                    break
                }

                $null = $socket.SendAsync([ArraySegment[byte]]::new($buffer, 0, $frame.Count), $frame.MessageType, $true, $stop).Wait(5000)
                if ($frame.Count -eq 4 -and [Text.Encoding]::UTF8.GetString($buffer, 0, 4) -eq 'fail') {
                    $null = $socket.CloseOutputAsync('InternalServerError', 'broken', $stop).Wait(5000)
                    break
                }
            }
        }
    }

    $port = $server.Port
    $uri = "ws://127.0.0.1:$port/?token=secret"
}

AfterAll {
    $server.Stop()
}

Describe 'Web sockets' {
    It 'send and receive text and bytes' {
        $socket = Connect-AsyncWebSocket $uri
        'hello' | Write-AsyncWebSocket $socket
        Write-AsyncWebSocket $socket ([byte[]] (1, 2, 3))
        $text, $bytes = Read-AsyncStream $socket -Count 2 -Timeout 20
        $text | Should -BeExactly 'hello'
        $bytes.GetType() | Should -Be ([byte[]])
        $bytes | Should -Be 1, 2, 3
        $socket | Close-AsyncWebSocket
        $socket.State | Should -Be 'Closed'
    }

    It 'show themselves as a table without secrets' {
        $socket = Connect-AsyncWebSocket $uri -Headers @{ Authorization = 'hidden' }
        $table = $socket | Out-String -Width 79
        $table | Should -Match 'State\s+Received\s+Count\s+Sent\s+Uri'
        $table | Should -Match "Open\s+0\s+0\s+0\s+ws://127.0.0.1:$port/\?\.\.\."
        $socket | Format-List | Out-String -Width 79 | Should -Not -Match 'SubProtocol|Close'
        $table + ($socket | Format-List * | Out-String) | Should -Not -Match 'secret|hidden'
        Close-AsyncWebSocket $socket
        $socket | Format-List | Out-String -Width 79 | Should -Match 'State +: Closed\s+CloseStatus +: NormalClosure\s+Received'
    }

    It 'run a block for each message' {
        $socket = Connect-AsyncWebSocket $uri
        1..5 | ForEach-Object { "$_" } | Write-AsyncWebSocket $socket
        Invoke-Concurrent { [int] $_ * 10 } -InputStream $socket -ThrottleLimit 2 | Select-Object -First 5 | Sort-Object |
            Should -Be 10, 20, 30, 40, 50
        Close-AsyncWebSocket $socket
    }

    It 'are connected again by a retry' {
        $script:connections = 0
        Invoke-WithRetry -RetryCount 2 -RetryDelay 0 {
            $socket = Connect-AsyncWebSocket $uri
            $(if ($script:connections++) { 'fine' } else { 'fail' }) | Write-AsyncWebSocket $socket
            Read-AsyncStream $socket -Count 1
            if ($script:connections -eq 1) { Read-AsyncStream $socket }
            Close-AsyncWebSocket $socket
        } | Select-Object -Last 1 | Should -Be 'fine'
        $script:connections | Should -Be 2
    }

    It 'say what a server has answered instead' {
        { Connect-AsyncWebSocket "ws://127.0.0.1:1/?token=secret" } | Should -Throw -ErrorId 'WebSocketConnectFailed,*'
        { Connect-AsyncWebSocket 'http://127.0.0.1/' } | Should -Throw '*ws://*' -ErrorId 'WebSocketArgumentInvalid,*'
    }
}
