#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Runs every PowerShell block of README.md and docs/, in the order of its page, in one session for each page. A small server in this file
# answers for the servers that the pages name, and stand-ins replace the reader's functions, files and databases. A block that cannot run
# in a test begins with ```powershell no-run; DocsTests still parses it.
#
# A block of output after a PowerShell block must match the output of that block, as a console of 100 columns shows it:
#   ```output            exactly
#   ```output any-order  the same lines, in any order
#   ```output sample     not compared: figures that differ from run to run

BeforeDiscovery {
    $root = Split-Path $PSScriptRoot
    $pages = & {
        Get-Item "$root/README.md"
        Get-ChildItem "$root/docs" -Filter *.md -Recurse
    } | ForEach-Object {
        $number = 0
        $code = '^ *```powershell(?<mark>[^\n]*)\n(?<code>.*?)^ *```'
        $output = '^ *```output(?<kind>[^\n]*)\n(?<output>.*?)^ *```'
        $blocks = foreach ($match in [regex]::Matches([IO.File]::ReadAllText($_), "(?ms)$code(\n+$output)?")) {
            $number++
            if ($match.Groups['mark'].Value.Trim() -ne 'no-run') {
                @{
                    Number = $number
                    Code = $match.Groups['code'].Value
                    Output = $match.Groups['output'].Success ? $match.Groups['output'].Value : $null
                    Kind = $match.Groups['kind'].Value.Trim()
                }
            }
        }

        if ($blocks) {
            @{ Page = [IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/'); Blocks = @($blocks) }
        }
    }
}

BeforeAll {
    $root = Split-Path $PSScriptRoot
    $modules = "$root/output/AsyncPs/AsyncPs.psd1", "$root/output/AsyncPs.Data/AsyncPs.Data.psd1",
        "$root/output/AsyncPs.Messaging/AsyncPs.Messaging.psd1", "$root/output/AsyncPs.Web/AsyncPs.Web.psd1"
    $pathBefore = $env:PSModulePath
    $env:PSModulePath = "$root/output" + [IO.Path]::PathSeparator + $env:PSModulePath

    . "$PSScriptRoot/Helpers.ps1"

    # Answers every request, and each message of a web socket.
    $server = Start-TestServer -Runspaces 6 {
        param($listener, $stop)

        while ($listener.IsListening) {
            try {
                $context = $listener.GetContextAsync().WaitAsync($stop).GetAwaiter().GetResult()
                $response = $context.Response
                if ($context.Request.IsWebSocketRequest) {
                    $protocol = $context.Request.Headers['Sec-WebSocket-Protocol']
                    $socket = $context.AcceptWebSocketAsync($protocol ? $protocol : [NullString]::Value).Result.WebSocket
                    $buffer = [byte[]]::new(65536)
                    if ($context.Request.Url.AbsolutePath -match 'prices') {
                        # A feed: two prices and the end, after a protocol or a message has requested them.
                        if (-not $protocol) {
                            $null = $socket.ReceiveAsync([ArraySegment[byte]] $buffer, $stop).Result
                        }

                        foreach ($price in '{"EUR":1}', '{"EUR":2}') {
                            $null = $socket.SendAsync([ArraySegment[byte]] [Text.Encoding]::UTF8.GetBytes($price), 'Text', $true,
                                $stop).Wait(5000)
                        }

                        $null = $socket.CloseOutputAsync('NormalClosure', '', $stop).Wait(5000)
                    }

                    do {
                        $frame = $socket.ReceiveAsync([ArraySegment[byte]] $buffer, $stop).Result
                        if ($frame.MessageType -ne 'Close' -and $socket.State -eq 'Open') {
                            $null = $socket.SendAsync([ArraySegment[byte]]::new($buffer, 0, $frame.Count), $frame.MessageType,
                                $frame.EndOfMessage, $stop).Wait(5000)
                        }
                    } until ($frame.MessageType -eq 'Close')

                    if ($socket.State -eq 'CloseReceived') {
                        $null = $socket.CloseOutputAsync('NormalClosure', '', $stop).Wait(5000)
                    }

                    # Clients wait for the end of the connection too.
                    $socket.Dispose()
                    continue
                }

                $type, $text = switch -Wildcard ($context.Request.Url.AbsolutePath) {
                    '*/events' { 'text/event-stream', "event: begun`ndata: 1`n`nevent: done`ndata: 2`n`n" }
                    '*/tags' { 'application/json', '[{"name":"v2"},{"name":"v1"}]' }
                    '*/items' { 'application/json', '{"items":[{"id":1},{"id":2}],"next":null}' }
                    default {
                        'application/json', ([ordered] @{ path = $_; id = 1; name = 'one'; next = $null } | ConvertTo-Json -Compress)
                    }
                }

                $bytes = [Text.Encoding]::UTF8.GetBytes($text)
                $response.ContentType = $type
                $response.ContentLength64 = $bytes.Length
                $response.OutputStream.Write($bytes, 0, $bytes.Length)
                $response.Close()
            }
            catch {
                # The client has gone, or the listener.
            }
        }
    }

    # The reader's own functions, variables and files.
    $reader = @'
$PSStyle.OutputRendering = 'PlainText'
function Test-Connection {
    [CmdletBinding()] param([Parameter(Position = 0)] $TargetName, $Count, [switch] $Quiet, $TcpPort, $TimeoutSeconds) $true
}
function Get-Credential { [pscredential]::new('reader', (ConvertTo-SecureString 'secret' -AsPlainText)) }
function Save-Price { param([Parameter(ValueFromPipeline)] $Price) process { } }
function Get-User($Id) { [pscustomobject] @{ Id = $Id } }
function Get-Order($User) { [pscustomobject] @{ User = $User; Number = 1 } }
function Install-Update($Server) { }
function Test-Page($Page) { $true }
function Update-User($User) { $User.Name }
function Update-Account($Connection) { }
function Send-Alert($Text) { }
function Invoke-Something($Item) { $Item }
function Get-Something($Item) { $Item }
function Test-Something($Item) { $Item }
$token = 'secret'
$servers = 'one.example', 'two.example'
$links = 'https://one.example/', 'https://two.example/'
$sites = @{ Name = 'one'; Pages = '/', '/about' }, @{ Name = 'two'; Pages = , '/' }
$ids = 1..3
$rows = 11..13 | ForEach-Object { [pscustomobject] @{ id = $_; name = "item $_"; price = 1 } }
"Uri,Method,Body`nhttps://api.example.com/1,,`nhttps://api.example.com/2,POST,two" | Set-Content calls.csv
'https://example.com/1', 'https://example.com/2' | Set-Content urls.txt
"id,name,price`n101,one,1`n102,two,2" | Set-Content items.csv
"id,name,price`n201,one,1`n202,two,2" | Set-Content many.csv
"Id,Name`n1,Ada`n2,Grace" | Set-Content users.csv
"a line`nan error" | Set-Content app.log
$null = New-Item one, two -ItemType Directory
'text' | Set-Content one/file.txt
[IO.File]::WriteAllBytes("$PWD/picture.png", [byte[]] (1..9))
'@

    # Databases, for the pages that have them.
    $databases = @'
$create = 'create table item (id integer, name text, price real)', 'create table orders (id integer, shipped text)',
    'create table order_line (order_id integer, name text)', 'create table accounts (id integer, balance real)',
        'insert into accounts values (1, 100)', 'insert into orders values (1, null)'
$db = Connect-AsyncDatabase -Sqlite ./shop.db
$sqlite = $postgres = $db
foreach ($statement in $create) { $null = Invoke-ConcurrentQuery $db $statement -NonQuery }
$sqliteType = [AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetType('Microsoft.Data.Sqlite.SqliteConnection') } |
    Select-Object -First 1
$connection = [Activator]::CreateInstance($sqliteType, 'Data Source=' + "$PWD/shop.db")
$connection.Open()
'@

    # Describes how the output of a block differs from its page.
    function Compare-Output([hashtable] $Block, [object[]] $Written, [runspace] $Runspace) {
        if ($null -eq $Block.Output -or $Block.Kind -eq 'sample') {
            return
        }

        $shell = [powershell]::Create($Runspace).AddCommand('Out-String').AddParameter('Width', 100)
        $shown = -join $shell.Invoke($Written)
        $shell.Dispose()
        $is, $said = foreach ($text in $shown, $Block.Output) {
            $lines = @($text -split '\r?\n' | ForEach-Object Trim | Where-Object { $_ })
            ($Block.Kind -eq 'any-order' ? ($lines | Sort-Object) : $lines) -join "`n"
        }

        if ($is -cne $said) {
            "block $($Block.Number) writes`n$shown`nand the page says`n$($Block.Output)"
        }
    }

    # Runs the blocks of a page and returns what went wrong, with the number of the block.
    function Invoke-Page {
        param([object[]] $Blocks, [string] $Folder, [string] $Setup)

        $state = [initialsessionstate]::CreateDefault()
        $state.ImportPSModule($modules)
        $runspace = [runspacefactory]::CreateRunspace($state)
        $runspace.Open()
        try {
            $null = $runspace.SessionStateProxy.Path.SetLocation($Folder)
            foreach ($block in @(@{ Number = 0; Code = $Setup }) + $Blocks) {
                $code = $block.Code -replace '(http|ws)s://(?<host>[\w.-]*\bexample(\.\w+)?|api\.github\.com)',
                    ('$1://127.0.0.1:{0}/${{host}}' -f $server.Port)
                $shell = [powershell]::Create($runspace).AddScript($code)
                $running = $shell.BeginInvoke()
                if (-not $running.AsyncWaitHandle.WaitOne([timespan]::FromSeconds(60))) {
                    "block $($block.Number) has not ended after 60 s"
                    $null = $shell.BeginStop($null, $null)
                    return
                }

                try {
                    Compare-Output $block $shell.EndInvoke($running) $runspace
                }
                catch {
                    "block $($block.Number): $($_.Exception.InnerException ?? $_.Exception)"
                }

                # An error is expected if the page looks at it.
                if ($block.Code -notmatch '-ErrorVariable') {
                    $shell.Streams.Error | ForEach-Object { "block $($block.Number): $_ $($_.ScriptStackTrace)" }
                }

                $shell.Dispose()
            }
        }
        finally {
            $runspace.Dispose()
        }
    }
}

AfterAll {
    $env:PSModulePath = $pathBefore
    $server.Stop()
}

Describe 'The PowerShell blocks' {
    It 'of <Page> run' -ForEach $pages {
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $setup = $reader
        if ($Blocks.Code -match '\$(db|sqlite|connection)\b') {
            $setup += "`n" + $databases
        }

        Invoke-Page $Blocks $folder $setup | Should -BeNullOrEmpty
    }
}
