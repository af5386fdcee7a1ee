#Requires -Modules AsyncPs.Data

<#
.SYNOPSIS
    Copies a table from one database to another, in three stages with queues between them.
.DESCRIPTION
    The first stage reads the rows. The second runs a block that changes them, several at once. The third bulk loads
    the result into the other table, which must exist. All three run at the same time. The queues are bounded, so no
    stage runs far ahead of the next, and memory stays small however large the table is.

    Either all rows are copied or none: an error in any stage ends the others, and is the one that you see.
    Writes the summary of the load: Table, Rows, BadRows, Elapsed. With more than one block at once, the order of
    the rows may change.
.PARAMETER From
    The database to copy from, from Connect-AsyncDatabase.
.PARAMETER To
    The database to copy to.
.PARAMETER Table
    The table.
.PARAMETER ToTable
    Its name in the other database. Default: the same.
.PARAMETER Transform
    A block that gets a row as $_ and writes the rows to load: one, several, or none. Default: rows are unchanged.
.PARAMETER ThrottleLimit
    How many rows are changed at once. Default: 4.
.PARAMETER Capacity
    How many rows can wait between two stages. Default: 1,000.
.EXAMPLE
    $from = Connect-AsyncDatabase -Sqlite ./shop.db
    $to = Connect-AsyncDatabase -PostgreSql 'Host=db.example;Database=shop'
    ./examples/copy-table.ps1 $from $to item -Transform {
        if ($_.price -gt 0) { [pscustomobject] @{ id = $_.id; name = $_.name.Trim(); price = [decimal] $_.price } }
    }
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [object] $From,

    [Parameter(Mandatory, Position = 1)]
    [object] $To,

    [Parameter(Mandatory, Position = 2)]
    [ValidatePattern('^\w+(\.\w+)?$')]
    [string] $Table,

    [Parameter(Position = 3)]
    [string] $ToTable = $Table,

    [scriptblock] $Transform = { $_ },

    [ValidateRange(1, 1000)]
    [int] $ThrottleLimit = 4,

    [ValidateRange(1, 1000000)]
    [int] $Capacity = 1000
)

$read = New-AsyncQueue $Capacity -Name read
$changed = New-AsyncQueue $Capacity -Name changed

$stages = {
    try {
        Invoke-ConcurrentQuery $From "select * from $Table" -ErrorAction Stop | Write-AsyncQueue $read
        Complete-AsyncQueue $read
    }
    catch {
        Complete-AsyncQueue $read -Error $_
    }
},
{
    try {
        Invoke-Concurrent $Transform -InputStream $read -ThrottleLimit $ThrottleLimit -FailFast | Write-AsyncQueue $changed
        Complete-AsyncQueue $changed
    }
    catch {
        Complete-AsyncQueue $changed -Error $_
    }
},
{
    Read-AsyncQueue $changed | Import-ConcurrentData $To $ToTable -AllOrNothing
}

Invoke-Concurrent $stages -ThrottleLimit $stages.Count -FailFast
