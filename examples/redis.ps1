<#
.SYNOPSIS
    Sends commands to a Redis server, many at once over a few pooled connections.
.DESCRIPTION
    Writes an object for each command (Command, Reply, Error) in the order of the commands. Commands come from the
    pipeline, one in each line, as words separated by spaces; put a word with spaces in double quotes. A reply that is
    a list is an array, also inside another list. A missing value is $null. An error of the server is in Error. If a
    connection breaks, you get an error too, and the connection is replaced.
.PARAMETER Command
    The commands, also from the pipeline.
.PARAMETER Server
    The server. Default: localhost.
.PARAMETER Port
    Its port. Default: 6379.
.PARAMETER Connections
    The maximum number of connections. Default: 4.
.PARAMETER TimeoutSeconds
    How long the server may take to reply. Default: 10.
.EXAMPLE
    'SET greeting "hello world"', 'GET greeting' | ./examples/redis.ps1 -Connections 1
.EXAMPLE
    1..1000 | ForEach-Object { "GET user:$_" } | ./examples/redis.ps1 | Where-Object { -not $_.Reply }
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, ValueFromPipeline)]
    [string[]] $Command,

    [string] $Server = 'localhost',

    [ValidateRange(1, 65535)]
    [int] $Port = 6379,

    [ValidateRange(1, 1000)]
    [int] $Connections = 4,

    [ValidateRange(1, 3600)]
    [int] $TimeoutSeconds = 10
)

begin {
    # The next value of the protocol: a line, a text of known length, a number, or a list of these.
    function Read-Reply {
        param([IO.BinaryReader] $Reader)

        $bytes = [Collections.Generic.List[byte]]::new()
        while (($next = $Reader.ReadByte()) -ne 13) {
            $bytes.Add($next)
        }

        $null = $Reader.ReadByte()
        $line = [Text.Encoding]::UTF8.GetString($bytes.ToArray())
        $rest = $line.Substring(1)
        switch ($line[0]) {
            '+' { $rest }
            ':' { [long] $rest }
            '-' { [Management.Automation.ErrorRecord]::new([InvalidOperationException] $rest, 'Redis', 'InvalidResult', $null) }
            '$' {
                if ([int] $rest -ge 0) {
                    $text = [byte[]]::new([int] $rest + 2)
                    $Reader.BaseStream.ReadExactly($text, 0, $text.Length)
                    [Text.Encoding]::UTF8.GetString($text, 0, [int] $rest)
                }
            }
            '*' {
                if ([int] $rest -ge 0) {
                    $list = [object[]]::new([int] $rest)
                    for ($i = 0; $i -lt $list.Length; $i++) {
                        $list[$i] = Read-Reply $Reader
                    }

                    , $list
                }
            }
            default { throw "The server does not speak Redis: '$line'." }
        }
    }

    function Send-Command {
        param([IO.Stream] $Stream, [string[]] $Words)

        $text = [Text.StringBuilder]::new("*$($Words.Count)`r`n")
        foreach ($word in $Words) {
            $null = $text.Append("`$$([Text.Encoding]::UTF8.GetByteCount($word))`r`n$word`r`n")
        }

        $Stream.Write([Text.Encoding]::UTF8.GetBytes($text.ToString()))
    }

    $milliseconds = 1000 * $TimeoutSeconds
    $pool = New-AsyncPool -MaxSize $Connections -IdleTimeout 1m {
        $client = [Net.Sockets.TcpClient]::new($Server, $Port)
        $client.NoDelay = $true
        $client.ReceiveTimeout = $client.SendTimeout = $milliseconds
        $client
    }
    $lines = [Collections.Generic.List[string]]::new()
}

process {
    $lines.AddRange($Command)
}

end {
    try {
        $lines | Invoke-Concurrent -Ordered -ThrottleLimit $Connections {
            $line = $_
            $words = [regex]::Matches($line,
                '"([^"]*)"|\S+').ForEach({ if ($_.Groups[1].Success) { $_.Groups[1].Value } else { $_.Value } })
            Use-AsyncPool $pool {
                $ErrorActionPreference = 'Stop'
                $stream = $_.GetStream()
                Send-Command $stream $words
                $reply = Read-Reply ([IO.BinaryReader]::new($stream))
                $isError = $reply -is [Management.Automation.ErrorRecord]
                [pscustomobject] @{ Command = $line; Reply = if (-not $isError) { , $reply }; Error = if ($isError) { "$reply" } }
            }
        }
    }
    finally {
        $pool.Dispose()
    }
}
