<#
.SYNOPSIS
    Reads a paginated JSON API as one stream of items, a page ahead of its consumer.
.DESCRIPTION
    The API answers with an object that has the items of a page in one property and the address of the next page in
    another, as many do. Pages are requested while the previous items are used, at most -Prefetch items ahead, and no
    more when the consumer stops reading: with Select-Object -First 10, only the pages with the first ten items and
    the next one are requested.
.PARAMETER Uri
    The address of the first page.
.PARAMETER ItemProperty
    The property with the items.
.PARAMETER NextProperty
    The property with the address of the next page, absolute or relative; missing, null or empty on the last page.
.PARAMETER Prefetch
    How many items can be ready before they are used.
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
