<#
.SYNOPSIS
    Sends the lines of logs to a server, many in one request.
.DESCRIPTION
    Reads the files concurrently and posts their lines as they arrive, in batches of -BatchSize, or of fewer if a
    line has waited for -DelaySeconds. The body of a request has one JSON object in each line, { "file": ..., "line": ... }.
    Writes an object for each request (Lines, Status, Error), and at the end a line for the console. A failed
    request is retried up to three times. Lines that can't be sent give an object with an error, so they aren't lost
    silently.

    Files are read only as fast as the server takes the lines, so memory stays small however large they are.
.PARAMETER Path
    The files.
.PARAMETER Uri
    Where to send the lines.
.PARAMETER BatchSize
    The maximum number of lines in a request. Default: 500.
.PARAMETER DelaySeconds
    How long a line waits for others. Default: 1.
.PARAMETER ThrottleLimit
    How many requests run at once. Default: 4.
.EXAMPLE
    ./examples/ship-logs.ps1 (Get-ChildItem /var/log/app/*.log) -Uri https://logs.example.com/ingest
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string[]] $Path,

    [Parameter(Mandatory)]
    [uri] $Uri,

    [ValidateRange(1, 100000)]
    [int] $BatchSize = 500,

    [ValidateRange(0.001, 3600)]
    [double] $DelaySeconds = 1,

    [ValidateRange(1, 100)]
    [int] $ThrottleLimit = 4
)

$watch = [Diagnostics.Stopwatch]::StartNew()
$files = $Path | ForEach-Object { $PSCmdlet.GetUnresolvedProviderPathFromPSPath($_) }
$counts = @{ Lines = 0; Failed = 0 }

$lines = New-AsyncStream -Prefetch $BatchSize {
    $files | Invoke-Concurrent -ThrottleLimit 8 {
        $name = [Text.Json.JsonSerializer]::Serialize([IO.Path]::GetFileName($_), [string])
        foreach ($line in [IO.File]::ReadLines($_)) {
            "{""file"":$name,""line"":$([Text.Json.JsonSerializer]::Serialize($line, [string]))}"
        }
    }
}

Group-AsyncBatch $BatchSize -Delay $DelaySeconds -InputStream $lines | ForEach-Object {
    [pscustomobject] @{
        Uri = $Uri
        Method = 'POST'
        Body = ($_ -join "`n") + "`n"
        Headers = @{ 'Content-Type' = 'application/x-ndjson' }
        Lines = $_.Count
    }
} | Invoke-Concurrent -AsResult -ThrottleLimit $ThrottleLimit -RetryCount 3 -RetryDelay 200ms | ForEach-Object {
    $counts.Lines += $_.Input.Lines
    $counts.Failed += $_.Error.Count -gt 0 ? $_.Input.Lines : 0
    [pscustomobject] @{ Lines = $_.Input.Lines; Status = $_.Output.Status; Error = if ($_.Error) { "$($_.Error[-1])" } }
}

$summary = '{0:N0} lines, {1:N0} not sent; {2:N2} s' -f $counts.Lines, $counts.Failed, $watch.Elapsed.TotalSeconds

Write-Host $summary
