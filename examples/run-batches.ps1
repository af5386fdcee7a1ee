<#
.SYNOPSIS
    Processes the files of an inbox in rounds, and stops without leaving work half done.
.DESCRIPTION
    In each round a block processes all files of the inbox, several at once. A processed file moves to -Done. A failed
    file moves to -Failed, with its error beside it as a text file. Writes an object for each file: File, Round,
    Status, Seconds.

    SIGTERM, which service managers and container runtimes send, is a request to stop: no more files are started,
    running files are finished within -GraceSeconds, and the script ends. Ctrl+C ends at once; files in progress
    stay in the inbox for the next run.
.PARAMETER Inbox
    The folder with the files.
.PARAMETER ScriptBlock
    What to do with a file: $_ is a FileInfo.
.PARAMETER Done
    Where processed files go. Default: the folder done in the inbox.
.PARAMETER Failed
    Where failed files go. Default: the folder failed in the inbox.
.PARAMETER IntervalSeconds
    The time from the start of one round to the next. Default: 60.
.PARAMETER Rounds
    The number of rounds. Default: no limit.
.PARAMETER ThrottleLimit
    How many files at once. Default: 4.
.PARAMETER GraceSeconds
    How long running files may take after a request to stop. Default: 20.
.EXAMPLE
    ./examples/run-batches.ps1 ./inbox { Import-Order $_ } -IntervalSeconds 300
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Inbox,

    [Parameter(Mandatory, Position = 1)]
    [scriptblock] $ScriptBlock,

    [string] $Done,

    [string] $Failed,

    [ValidateRange(0, 86400)]
    [double] $IntervalSeconds = 60,

    [ValidateRange(1, [int]::MaxValue)]
    [int] $Rounds = [int]::MaxValue,

    [ValidateRange(1, 1000)]
    [int] $ThrottleLimit = 4,

    [ValidateRange(1, 3600)]
    [int] $GraceSeconds = 20
)

$folder = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Inbox)
$doneFolder = $Done ? $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Done) : [IO.Path]::Join($folder, 'done')
$failedFolder = $Failed ? $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Failed) : [IO.Path]::Join($folder, 'failed')
$null = [IO.Directory]::CreateDirectory($doneFolder), [IO.Directory]::CreateDirectory($failedFolder)

$stop = [Threading.ManualResetEventSlim]::new()
$ended = [Threading.ManualResetEventSlim]::new()
$grace = Register-ShutdownAction -Name 'end of the batches' -Timeout $GraceSeconds -IgnoreInterrupt -PassThru {
    $stop.Set()
    [Console]::Error.WriteLine('Stopping: files that have begun are finished.')
    $null = $ended.Wait([TimeSpan]::FromSeconds($GraceSeconds))
}

try {
    for ($round = 1; $round -le $Rounds -and -not $stop.IsSet; $round++) {
        $next = [DateTime]::UtcNow.AddSeconds($IntervalSeconds)
        [IO.DirectoryInfo]::new($folder).GetFiles() | Invoke-Concurrent -ThrottleLimit $ThrottleLimit {
            $file = $_
            if ($stop.IsSet) {
                return
            }

            $watch = [Diagnostics.Stopwatch]::StartNew()
            $status = 'Done'
            try {
                $null = $file | Invoke-Concurrent $ScriptBlock -ErrorAction Stop
                $file.MoveTo([IO.Path]::Join($doneFolder, $file.Name), $true)
            }
            catch {
                $status = 'Failed'
                [IO.File]::WriteAllText([IO.Path]::Join($failedFolder, $file.Name + '.error.txt'), "$_")
                $file.MoveTo([IO.Path]::Join($failedFolder, $file.Name), $true)
            }

            [pscustomobject] @{
                File = $file.Name; Round = $round; Status = $status; Seconds = [Math]::Round($watch.Elapsed.TotalSeconds, 3)
            }
        }

        if ($round -lt $Rounds) {
            # Not $stop.Wait(): Ctrl+C can't end a .NET method.
            $pause = [Math]::Max(0, ($next - [DateTime]::UtcNow).TotalSeconds)
            $null = Wait-WithTimeout $stop.WaitHandle $pause -Default $null
        }
    }
}
finally {
    $ended.Set()
    $grace.Dispose()
}
