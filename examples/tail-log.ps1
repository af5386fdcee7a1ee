<#
.SYNOPSIS
    Follows a log file and processes its lines with workers.
.DESCRIPTION
    A stream reads the lines as they are written, even if the file is truncated or replaced by a shorter one (log
    rotation). A few workers run a block for each line. The stream is never far ahead of the workers, so a burst of
    lines takes no memory: the lines stay in the file until a worker is free.

    Without a block, writes an object for each line that says error, warn or fail: Number, Level, Text. It runs until
    Ctrl+C or Select-Object -First; with -NoFollow, until the end of the file.
.PARAMETER Path
    The log file.
.PARAMETER ScriptBlock
    A block for each line: $_.Text is the line, and $_.Number its number, counted from where reading started.
.PARAMETER ThrottleLimit
    How many workers.
.PARAMETER FromEnd
    Starts with the lines that are written from now on.
.PARAMETER NoFollow
    Ends at the end of the file.
.EXAMPLE
    ./examples/tail-log.ps1 app.log
.EXAMPLE
    ./examples/tail-log.ps1 app.log { Send-Alert $_.Text } -ThrottleLimit 4 -FromEnd
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path,

    [Parameter(Position = 1)]
    [scriptblock] $ScriptBlock = {
        if ($_.Text -match '\b(error|warn|fail)') {
            [pscustomobject] @{ Number = $_.Number; Level = $Matches[1].ToLowerInvariant(); Text = $_.Text }
        }
    },

    [ValidateRange(1, [int]::MaxValue)]
    [int] $ThrottleLimit = 3,

    [switch] $FromEnd,

    [switch] $NoFollow
)

$file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)

$lines = New-AsyncStream -Prefetch 100 {
    $reader = $null
    $skip = $FromEnd
    $begun = ''
    $number = 0
    $buffer = [char[]]::new(65536)
    try {
        while ($true) {
            if (-not $reader) {
                $reader = [IO.StreamReader]::new([IO.File]::Open($file, 'Open', 'Read', 'ReadWrite, Delete'))
                if ($skip) {
                    $null = $reader.BaseStream.Seek(0, 'End')
                    $skip = $false
                }
            }

            # A line that is still being written is kept until it is complete.
            $count = $reader.Read($buffer, 0, $buffer.Length)
            if ($count) {
                $complete = ($begun + [string]::new($buffer, 0, $count)) -split '\r?\n'
                $begun = $complete[-1]
                for ($i = 0; $i -lt $complete.Count - 1; $i++) {
                    @{ Number = ++$number; Text = $complete[$i] }
                }

                continue
            }

            if ($NoFollow) {
                if ($begun) {
                    @{ Number = ++$number; Text = $begun }
                }

                return
            }

            [Threading.Thread]::Sleep(100)
            $info = [IO.FileInfo]::new($file)
            if ($info.Exists -and $info.Length -lt $reader.BaseStream.Position) {
                $reader.Dispose()
                $reader = $null
                $begun = ''
                $number = 0
            }
        }
    }
    finally {
        if ($reader) {
            $reader.Dispose()
        }
    }
}

Invoke-Concurrent $ScriptBlock -InputStream $lines -ThrottleLimit $ThrottleLimit
