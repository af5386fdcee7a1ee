<#
.SYNOPSIS
    Reads a paginated JSON API as one stream of items, a page ahead of whoever uses them.
.DESCRIPTION
    The API answers with an object that has the items of a page in one property and the address of the next page in another, as many do.
    Pages are requested while the items before are being used, no more than -Prefetch items ahead, and not at all any more when nobody reads on:
    with Select-Object -First 10, only the pages with the first ten items are asked for, and the next.
.PARAMETER Uri
    The address of the first page.
.PARAMETER ItemProperty
    The property with the items.
.PARAMETER NextProperty
    The property with the address of the next page, absolute or relative; missing, null or empty on the last page.
.PARAMETER Prefetch
    How many items may be ready before they are asked for.
.EXAMPLE
    ./examples/read-pages.ps1 https://api.example.com/items | Select-Object -First 10
.EXAMPLE
    ./examples/read-pages.ps1 https://swapi.dev/api/people -ItemProperty results | ForEach-Object name
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [uri] $Uri,

    [string] $ItemProperty = 'items',

    [string] $NextProperty = 'next',

    [ValidateRange(1, [int]::MaxValue)]
    [int] $Prefetch = 1
)

$items = New-AsyncStream -Prefetch $Prefetch {
    $next = $Uri
    while ($next) {
        $page = Invoke-Concurrent -Uri $next -As Json -RetryCount 3 -ErrorAction Stop
        $page.$ItemProperty
        $next = if ($page.$NextProperty) { [uri]::new($next, [string] $page.$NextProperty) }
    }
}

Read-AsyncStream $items
