#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
    . "$PSScriptRoot/Helpers.ps1"

    # It answers with the request.
    $server = Start-TestServer {
        param($listener, $stop)
        while ($listener.IsListening) {
            try { $context = $listener.GetContextAsync().WaitAsync($stop).GetAwaiter().GetResult() } catch { break }
            $request = $context.Request
            $body = [IO.StreamReader]::new($request.InputStream).ReadToEnd()
            $answer = if ($request.Url.AbsolutePath -eq '/json') { [uri]::UnescapeDataString($request.Url.Query.Substring(1)) }
            else {
                @{
                    path = $request.Url.AbsolutePath
                    method = $request.HttpMethod
                    body = $body
                    agent = $request.UserAgent
                    cookie = $request.Headers['Cookie']
                } | ConvertTo-Json -Compress
            }
            if ($request.Url.AbsolutePath -match '/status/(\d+)') { $context.Response.StatusCode = [int] $Matches[1] }
            $bytes = [Text.Encoding]::UTF8.GetBytes($answer)
            $context.Response.ContentType = 'application/json'
            $context.Response.ContentLength64 = $bytes.Length
            $context.Response.OutputStream.Write($bytes, 0, $bytes.Length)
            $context.Response.Close()
        }
    }

    $base = "http://127.0.0.1:$($server.Port)"
}

AfterAll {
    $server.Stop()
}

Describe 'Invoke-Concurrent -Uri' {
    It 'writes a result with table and list views that fit' {
        $result = Invoke-Concurrent -Uri "$base/a?key=secret"
        $result.Status | Should -Be 200
        $table = $result | Format-Table | Out-String
        $table | Should -Match 'Index\s+Status\s+Method\s+Length\s+Elapsed\s+Uri'
        $table | Should -Not -Match 'secret'
        $result | Format-List | Out-String | Should -Match 'ContentType\s*:\s*application/json'
    }

    It 'takes rows of Import-Csv' {
        "Uri,Method,Body`n$base/1,,`n$base/2,POST,two" | Set-Content "$TestDrive/calls.csv"
        $out = Import-Csv "$TestDrive/calls.csv" | Invoke-Concurrent -Ordered -As Json
        $out.method | Should -Be 'GET', 'POST'
        $out.body | Should -Be '', 'two'
    }

    It 'takes URIs from the pipeline' {
        "$base/1", [uri] "$base/2" | Invoke-Concurrent -As Json -Ordered | ForEach-Object path | Should -Be '/1', '/2'
    }

    It 'makes of JSON what ConvertFrom-Json makes: <_>' -ForEach @(
        '1', '-0', '1.5', '1E3', '12345678901234567890', '1e400', 'true', '"text"', '{"a":1,"b":{"c":[1,2,{"d":null}]}}',
            '[[1],[2,[3]]]', '{"a":1,"a":2}'
        '"2020-01-02T03:04:05Z"', '"2020-01-02T03:04:05"', '"2020-01-02T03:04:05.5+02:00"', '"2020-01-02T03:04:05.1234567Z"',
            '"2020-01-02T03:04:05.12345678Z"'
        '"2020-01-02T03:04:05+0200"', '"2020-01-02T03:04:05+02"', '"2020-01-02T24:00:00"', '"2020-01-02T24:00:01"',
            '"2020-02-30T03:04:05Z"', '"2020-01-02 03:04:05"'
        '"2020-01-02"', '"2020-01-02T03:04"', '"2020-01-02T03:04:05 Z"', '"/Date(1577934245000)/"', '"/Date(1577934245000+0200)/"',
            '"/Date(x)/"', '"0001-01-01T00:00:00"'
        '"9999-12-31T23:59:59.9999999Z"', '"2020-01-02T03:04:05z"', '"12345678901234567890"', '{"x":"2020-01-02T03:04:05Z"}',
            '[1,"a",null,true]', '{"é":"ü\u00fc\n"}', '[1,]', '{"a":1,}'
    ) {
        $mine = Invoke-Concurrent -Uri "$base/json?$([uri]::EscapeDataString($_))" -As Json
        $theirs = $_ | ConvertFrom-Json
        $mine | ConvertTo-Json -Depth 9 -Compress | Should -BeExactly ($theirs | ConvertTo-Json -Depth 9 -Compress)
        @($mine)[0].GetType() | Should -Be @($theirs)[0].GetType()
        if ($theirs -is [datetime]) { $mine.Kind | Should -Be $theirs.Kind }
    }

    It 'refuses JSON that ConvertFrom-Json refuses: <_>' -ForEach '{"a":1,"A":2}', '{"":1}', '{', '{} {}', '"a' {
        $uri = "$base/json?$([uri]::EscapeDataString($_))"
        $null = Invoke-Concurrent -Uri $uri -As Json -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'HttpJsonInvalid,*'
        { $_ | ConvertFrom-Json -ErrorAction Stop } | Should -Throw
    }

    It 'uses the session of Invoke-WebRequest' {
        $session = [Microsoft.PowerShell.Commands.WebRequestSession]::new()
        $session.Cookies.Add([Net.Cookie]::new('a', 'b', '/', '127.0.0.1'))
        $session.UserAgent = 'theirs'
        $out = Invoke-Concurrent -Uri "$base/a" -WebSession $session -As Json
        $out.agent, $out.cookie | Should -Be 'theirs', 'a=b'
    }

    It 'names the request that failed, and goes on' {
        $out = "$base/status/404", "$base/ok" | Invoke-Concurrent -As Json -ErrorVariable failed -ErrorAction SilentlyContinue
        $out.path | Should -Be '/ok'
        $failed[0].TargetObject | Should -Be "$base/status/404"
        $failed[0].Exception.StatusCode | Should -Be 404
        $failed[0].Exception.Response.Content | Should -Match 'status'
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'completes methods and formats' {
        (TabExpansion2 'Invoke-Concurrent -Uri x -Method P' 34).CompletionMatches.CompletionText | Should -Be 'POST', 'PUT', 'PATCH'
        (TabExpansion2 'Invoke-Concurrent -Uri x -As S' 30).CompletionMatches.CompletionText | Should -Be 'ServerSentEvents'
    }

    It 'reports with -Verbose, without secrets' {
        $lines = Invoke-Concurrent -Uri "$base/a?token=secret" -Headers @{ Authorization = 'secret' } -Verbose 4>&1 |
            Where-Object { $_ -is [Management.Automation.VerboseRecord] }
        "$lines" | Should -Match 'GET http.*: 200'
        "$lines" | Should -Not -Match 'secret'
    }
}
