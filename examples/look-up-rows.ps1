#Requires -Modules AsyncPs.Data

<#
.SYNOPSIS
    Looks up many rows of a table by their key, concurrently.
.DESCRIPTION
    Writes the rows in the order of the values, and at the end a line for the console: lookups, how many found a
    row, how many failed, seconds. Transient failures are retried. A final failure is an error with the value as its
    target, and the others continue.

    Values are sent as parameters, so a value that looks like SQL is harmless.
.PARAMETER Database
    The database, from Connect-AsyncDatabase.
.PARAMETER Table
    The table.
.PARAMETER Value
    The keys to look up.
.PARAMETER Key
    The key column. Default: id.
.PARAMETER ThrottleLimit
    How many look-ups run at once. Default: the number of connections of the database's pool.
.EXAMPLE
    ./examples/look-up-rows.ps1 (Connect-AsyncDatabase -Sqlite ./shop.db) item (1..1000) | Export-Csv found.csv
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [object] $Database,

    [Parameter(Mandatory, Position = 1)]
    [ValidatePattern('^\w+(\.\w+)?$')]
    [string] $Table,

    [Parameter(Mandatory, Position = 2)]
    [object[]] $Value,

    [ValidatePattern('^\w+$')]
    [string] $Key = 'id',

    [ValidateRange(1, 1000)]
    [int] $ThrottleLimit = $Database.PoolSize
)

$watch = [Diagnostics.Stopwatch]::StartNew()
$counts = @{ Found = 0; Failed = 0 }

$query = "select * from $Table where $Key = @key"
$Value |
    Invoke-ConcurrentQuery $Database $query -Ordered -AsResult -ThrottleLimit $ThrottleLimit -RetryCount 3 -RetryDelay 100ms |
    ForEach-Object {
        if ($_.Error.Count -gt 0) {
            $counts.Failed++
            $PSCmdlet.WriteError($_.Error[-1])
        }
        elseif ($_.Output.Count -gt 0) {
            $counts.Found++
            $_.Output
        }
    }

$summary = '{0:N0} look-ups, {1:N0} found, {2:N0} failed; {3:N2} s' -f $Value.Count, $counts.Found, $counts.Failed,
    $watch.Elapsed.TotalSeconds

Write-Host $summary
