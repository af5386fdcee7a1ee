<#
.SYNOPSIS
    Hashes all files below a folder with SHA-256, many at once.
.DESCRIPTION
    Writes an object for each file (Hash, Size, Path) as it completes, and at the end a line for the console: files,
    bytes, seconds, MB/s. The line goes to the information stream, so that only the objects go down the pipeline
    (6>$null hides it). PowerShell collects a table for 300 ms before it shows it; if everything is done sooner, the
    line appears above the table.

    If a file can't be read, or disappears before it is read, you get an error that names it, and the others
    continue. Links to
    files are hashed as their targets. Links to folders are not followed, so a loop of links is harmless.
.PARAMETER Path
    The folder.
.PARAMETER Algorithm
    SHA256, the only one.
.PARAMETER ThrottleLimit
    How many files are hashed at once. Default: the default of Invoke-Concurrent.
.PARAMETER Progress
    Shows how many files are done, with a progress bar.
.EXAMPLE
    ./examples/hash-files.ps1 -Path src
.EXAMPLE
    ./examples/hash-files.ps1 -Path ~/photos | Group-Object Hash | Where-Object Count -gt 1
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path,

    [ValidateSet('SHA256')]
    [string] $Algorithm = 'SHA256',

    [ValidateRange(1, [int]::MaxValue)]
    [int] $ThrottleLimit,

    [switch] $Progress
)

# Counts it, and writes it as an error of this script, so that the script's -ErrorAction and -ErrorVariable apply to it.
function Write-Failure {
    param([Management.Automation.ErrorRecord] $Failure)

    $script:failures++
    $PSCmdlet.WriteError($Failure)
}

function Find-File {
    param([IO.DirectoryInfo] $Root)

    # Hidden files are files too, and a folder that cannot be listed must not go unnoticed.
    $all = [IO.EnumerationOptions] @{ AttributesToSkip = 0; IgnoreInaccessible = $false }
    $folders = [Collections.Generic.Stack[IO.DirectoryInfo]]::new()
    $folders.Push($Root)
    while ($folders.Count) {
        $folder = $folders.Pop()
        try {
            # All of it before any is written: an error of a command downstream would be caught here too.
            $entries = $folder.GetFileSystemInfos('*', $all)
        }
        catch {
            $reason = $_.Exception.GetBaseException()
            $exception = [IO.IOException]::new("Cannot list '$($folder.FullName)': $($reason.Message)", $reason)
            Write-Failure ([Management.Automation.ErrorRecord]::new($exception, 'FolderNotListed', 'ReadError', $folder))
            continue
        }

        foreach ($entry in $entries) {
            if ($entry -is [IO.FileInfo]) {
                $entry
            }
            elseif (-not $entry.LinkTarget) {
                $folders.Push($entry)
            }
        }
    }
}

$root = [IO.DirectoryInfo]::new($PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path))
if (-not $root.Exists) {
    $exception = [IO.DirectoryNotFoundException]::new("There is no folder '$($root.FullName)'.")
    $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new($exception, 'FolderNotFound', 'ObjectNotFound', $Path))
}

$limit = $ThrottleLimit ? @{ ThrottleLimit = $ThrottleLimit } : @{}

# Other programs may write to a file or delete it while it is read.
$reading = [IO.FileStreamOptions] @{
    Mode = 'Open'; Access = 'Read'; Share = 'ReadWrite, Delete'; Options = 'SequentialScan'; BufferSize = 65536
}

$files = 0
$failures = 0
$bytes = 0L
$watch = [Diagnostics.Stopwatch]::StartNew()

Find-File $root | Invoke-Concurrent @limit -Progress:$Progress -ErrorAction Continue {
    # The caller's preference applies here too, and `throw` is ignored if that is SilentlyContinue.
    $ErrorActionPreference = 'Stop'
    $file = $_
    $stream = $null
    try {
        $content = $file.ResolveLinkTarget($true) ?? $file

        # Opening a pipe waits for its writer, perhaps forever, and a device may have no end. Neither has a length.
        if (-not $IsWindows -and $content.Length -eq 0) {
            $type = $ExecutionContext.InvokeProvider.Item.Get([string[]] $content.FullName, $true, $true)[0].UnixStat.ItemType
            if ($type -and "$type" -ne 'File') {
                throw "it is not a file but a $type."
            }
        }

        $stream = $content.Open($using:reading)
        $hash = [Security.Cryptography.SHA256]::HashData($stream)
        [pscustomobject] @{ Hash = [Convert]::ToHexString($hash); Size = $stream.Position; Path = $file.FullName }
    }
    catch {
        $reason = $_.Exception.GetBaseException()
        $exception = [IO.IOException]::new("Cannot hash '$($file.FullName)': $($reason.Message)", $reason)
        throw [Management.Automation.ErrorRecord]::new($exception, 'FileNotHashed', 'ReadError', $file)
    }
    finally {
        if ($stream) {
            $stream.Dispose()
        }
    }
} 2>&1 | ForEach-Object {
    if ($_ -is [Management.Automation.ErrorRecord]) {
        Write-Failure $_
    }
    else {
        $files++
        $bytes += $_.Size
        $_
    }
}

$seconds = $watch.Elapsed.TotalSeconds
$summary = '{0:N0} files, {1:N0} bytes, {2:N2} s, {3:N1} MB/s' -f $files, $bytes, $seconds, ($bytes / 1e6 / $seconds)
if ($failures) {
    $summary += ", $failures could not be read"
}

Write-Host $summary
