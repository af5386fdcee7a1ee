#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    # A few of each kind, and many made by a generator that gives the same ones every time.
    $values = @(
        '0', '-1', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '1.0', '-0.0', '1e2',
            '1E-7', '1.7976931348623157e308', '5e-324', '0.1'
        '123456789012345678901234567890', '1.12345678901234567890', 'true', 'false', '""', '" "', '"\u0041\n\t\\\/\""',
            '"\ud83d\ude00"', '[]', '{}', '[[]]', '[{}]', '[null]', '[null,null]'
        '[1,"a",true,null,1.5,[],{}]', '{"a":null}', '{"a":[]}', '{"a":[1]}', '{"a":{"b":{"c":{"d":[{"e":1}]}}}}',
            '{"a":1,"a":2,"b":3}', '{"a b":1,"a.b":2,"1":3,"$x":4}', '{"Count":1,"Length":2,"Keys":3}'
        '{"__type":1}', '{"$ref":"x"}', '{"$id":"1","$type":"System.String"}', '  {"a" : 1}  ', "`n[1,`n2]`n", '[1,]', '{"a":1,}',
            '/* c */ [1]', '[1] // c', '{"a":/* c */1}'
        '"2020-01-02"', '"2020-01-02T03:04:05"', '"2020-01-02T03:04:05Z"', '"2020-01-02T03:04:05.9Z"',
            '"2020-01-02T03:04:05.123456789Z"', '"2020-01-02T03:04:05+00:00"', '"2020-06-02T03:04:05-07:30"'
        '"2020-01-02T03:04:05+14:00"', '"2020-01-02T03:04Z"', '"2020-02-30T00:00:00Z"', '"20200102T030405Z"', '"2020-01-02t03:04:05z"',
            '" 2020-01-02T03:04:05Z"', '"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"'
        '"2020-01-02T24:00:00Z"', '"2020-01-02T23:59:60Z"', '"/Date(0)/"', '"/Date(-1)/"', '"/Date(1577934245000-0500)/"', '"/Date()/"',
            '"\/Date(86400000)\/"', '"03:04:05"', '"12.5"', '"NaN"', '"true"', '"null"'
        '{"d":"2020-01-02T03:04:05Z","e":["2020-01-02T03:04:05+01:00"]}', '["/Date(0)/"]', '{"é":"ü","日本":"語"}', '{"a":"\u0000"}'
    )
    $random = [Random]::new(4)
    function New-Json($depth) {
        switch ($random.Next($(if ($depth -gt 3) { 5 } else { 7 }))) {
            0 { "$($random.Next(-1000, 1000))" }
            1 { ($random.NextDouble() * [Math]::Pow(10, $random.Next(-20, 20))).ToString('R', [cultureinfo]::InvariantCulture) }
            2 { '"' + (-join (1..$random.Next(1, 9) | ForEach-Object { 'aZ09 _-:.\n\u00e9'.Split(' ')[0][$random.Next(9)] })) + '"' }
            3 { ('true', 'false', 'null')[$random.Next(3)] }
            4 {
                '"' + [datetime]::new(2000, 1, 1).AddSeconds($random.Next()).ToString('yyyy-MM-ddTHH:mm:ss') +
                    ('', 'Z', '+02:00', '.5')[$random.Next(4)] + '"'
            }
            5 { '[' + (@(for ($i = $random.Next(4); $i -gt 0; $i--) { New-Json ($depth + 1) }) -join ',') + ']' }
            6 { '{' + (@(for ($i = $random.Next(4); $i -gt 0; $i--) { "`"k$i`":$(New-Json ($depth + 1))" }) -join ',') + '}' }
        }
    }

    $made = @(foreach ($i in 1..150) { New-Json 0 })
}

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs" -Force
    . "$PSScriptRoot/Helpers.ps1"

    # It sends back what it gets.
    $server = Start-TestServer {
        param($listener, $stop)
        while ($listener.IsListening) {
            try { $context = $listener.GetContextAsync().WaitAsync($stop).GetAwaiter().GetResult() } catch { break }
            $body = [Convert]::FromBase64String([IO.StreamReader]::new($context.Request.InputStream).ReadToEnd())
            $context.Response.ContentType = 'application/json'
            $context.Response.ContentLength64 = $body.Length
            $context.Response.OutputStream.Write($body, 0, $body.Length)
            $context.Response.Close()
        }
    }

    $base = "http://127.0.0.1:$($server.Port)"

    # What a value is, down to its types: ConvertTo-Json alone would show a long and a double alike.
    function Get-Shape($value) {
        switch ($value) {
            { $null -eq $_ } { return 'null' }
            { $_ -is [array] } { return '[' + (@(foreach ($element in $_) { Get-Shape $element }) -join ',') + ']' }
            { $_ -is [pscustomobject] } {
                return '{' + (@(foreach ($p in $_.psobject.Properties) { "$($p.Name)=$(Get-Shape $p.Value)" }) -join ',') + '}'
            }
            { $_ -is [datetime] } { return "datetime($($_.Ticks) $($_.Kind))" }
            default { return "$($_.GetType().Name)($([Convert]::ToString($_, [cultureinfo]::InvariantCulture)))" }
        }
    }

    function Get-Mine($json) {
        ,
            @([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json)) |
                ForEach-Object { Invoke-Concurrent -Uri $base -Method Post -Body $_ -As Json -ErrorAction Stop })
    }
}

AfterAll {
    $server.Stop()
}

Describe 'Invoke-Concurrent -As Json makes what ConvertFrom-Json makes' {
    It 'of <_>' -ForEach $values {
        $theirs = @($_ | ConvertFrom-Json)
        Get-Shape (Get-Mine $_) | Should -BeExactly (Get-Shape $theirs)
    }

    It 'of 150 made at random' {
        foreach ($json in $made) {
            $theirs = @($json | ConvertFrom-Json)
            Get-Shape (Get-Mine $json) | Should -BeExactly (Get-Shape $theirs) -Because $json
        }
    }

    It 'of what is nested deeply' -ForEach 100, 1000 {
        $json = '[' * $_ + '1' + ']' * $_
        Get-Shape (Get-Mine $json) | Should -BeExactly (Get-Shape @($json | ConvertFrom-Json))
    }

    It 'and refuses what it refuses: <_>' -ForEach '{', '[', ']', '{"a"}', '{"a":}', '"a', 'nul', '1 2', '[1 2]', '{"a":1,"A":2}',
        '{"":1}', '{"psobject":1}', '[1]]', '{} []', '<a/>' {
        { $_ | ConvertFrom-Json -ErrorAction Stop } | Should -Throw
        { Get-Mine $_ } | Should -Throw -ErrorId 'HttpJsonInvalid,AsyncPs.Commands.InvokeConcurrentCommand'
    }
}
