<#
.SYNOPSIS
    Downloads many files, several at once, and continues where an earlier run stopped.
.DESCRIPTION
    Writes an object for each file: Uri, File, Bytes, Attempts, Seconds, Error. If a file already exists, in whole
    or in part, only the rest is requested. So you can repeat a run that was stopped by Ctrl+C or a lost connection.
    Transient failures are retried. Other failures give an object with an error, and the other files continue. Ends
    with a line for the console.
.PARAMETER Uri
    The files, also from the pipeline, for example from Get-Content.
.PARAMETER Directory
    The target directory. Default: the current location.
.PARAMETER ThrottleLimit
    How many downloads run at once. Default: 8.
.PARAMETER RetryCount
    How many times a file is retried. Default: 5.
.EXAMPLE
    Get-Content urls.txt | ./examples/download-files.ps1 -Directory downloads
.EXAMPLE
    ./examples/download-files.ps1 https://example.com/a.iso, https://example.com/b.iso | Where-Object Error
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0, ValueFromPipeline)]
    [uri[]] $Uri,

    [string] $Directory = '.',

    [ValidateRange(1, 1000)]
    [int] $ThrottleLimit = 8,

    [ValidateRange(0, 100)]
    [int] $RetryCount = 5
)

begin {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $all = [Collections.Generic.List[uri]]::new()
}

process {
    $all.AddRange($Uri)
}

end {
    $counts = @{ Bytes = 0L; Failed = 0 }
    $retry = @{ RetryCount = $RetryCount; RetryDelay = '500ms' }
    Invoke-Concurrent -Uri $all -OutDirectory $Directory -Resume -AsResult -ThrottleLimit $ThrottleLimit @retry |
        ForEach-Object {
            $result = @($_.Output)[0]
            $length = $result.File ? [IO.FileInfo]::new($result.File).Length : 0
            $counts.Bytes += $length
            $counts.Failed += $_.Error.Count -gt 0 ? 1 : 0
            [pscustomobject] @{
                Uri = $_.Input
                File = $result.File
                Bytes = $length
                Attempts = $_.Attempt
                Seconds = [Math]::Round($_.Duration.TotalSeconds, 3)
                Error = @($_.Error)[0]
            }
        }

    $summary = '{0:N0} files, {1:N0} failed, {2:N0} bytes; {3:N2} s' -f $all.Count, $counts.Failed, $counts.Bytes,
        $watch.Elapsed.TotalSeconds

    Write-Host $summary
}
