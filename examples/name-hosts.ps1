<#
.SYNOPSIS
    Adds host names before the addresses in a log, and looks up each address once.
.DESCRIPTION
    Writes each line of the log, in order, with the host name before the address at its start. The last line for the
    console has the number of lines and addresses, how many have a name, and seconds. It goes to the information
    stream, so that only the log goes down the pipeline (6>$null hides it).

    A log of a million lines has few addresses, and lookups are slow. So many lines wait at the same time, and all
    lines with the same address wait for the same lookup. Addresses without a name are left unchanged.
.PARAMETER Path
    The log, for example of a web server.
.PARAMETER ThrottleLimit
    How many lines wait for their names at once. Default: 500.
.PARAMETER Resolve
    How a name is found: a block that gets the address as its argument and writes the name, or nothing. Default: the
    system's resolver.
.EXAMPLE
    ./examples/name-hosts.ps1 /var/log/nginx/access.log | Select-Object -First 20
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path,

    [ValidateRange(1, [int]::MaxValue)]
    [int] $ThrottleLimit = 500,

    [scriptblock] $Resolve = {
        param($address)
        try {
            [Net.Dns]::GetHostEntry($address).HostName
        }
        catch [Net.Sockets.SocketException] {
            # It has none.
        }
    }
)

$watch = [Diagnostics.Stopwatch]::StartNew()
$names = New-AsyncCache
$counts = @{ Lines = 0; Named = 0 }

# The lookup is all that an item does, so that it holds no worker while it waits; the line comes back with the result.
[IO.File]::ReadLines($PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)) |
    Invoke-Concurrent -Ordered -AsResult -ThrottleLimit $ThrottleLimit { Get-AsyncCache $names ($_ -split ' ', 2)[0] $Resolve } |
    ForEach-Object {
        $counts.Lines++
        $counts.Named += [int] [bool] $_.Output
        $_.Output ? "$($_.Output) $($_.Input)" : $_.Input
    }

$summary = '{0:N0} lines, {1:N0} addresses, {2:N0} lines with a name; {3:N2} s' -f $counts.Lines, $names.Computed, $counts.Named,
    $watch.Elapsed.TotalSeconds

Write-Host $summary
