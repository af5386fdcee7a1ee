<#
.SYNOPSIS
    Crawls a web site from one page on, with a queue whose consumers also write to it.
.DESCRIPTION
    Each page is an item of a queue. The consumers request it and write the new links to the same site to the queue
    that they read from. The queue ends when all pages are done: no consumer has to know whether another one will
    find more.

    Writes an object for each page as it completes: Status (0 if the server didn't answer), Links (the number of new
    links), Uri, Note.
.PARAMETER Uri
    The first page.
.PARAMETER MaximumPages
    The maximum number of pages to request.
.PARAMETER ThrottleLimit
    How many pages are requested at once.
.EXAMPLE
    ./examples/crawl-links.ps1 https://example.com | Where-Object Status -ne 200
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [uri] $Uri,

    [ValidateRange(1, [int]::MaxValue)]
    [int] $MaximumPages = 100,

    [ValidateRange(1, [int]::MaxValue)]
    [int] $ThrottleLimit = 8
)

# The links of a page, without what comes after a '#'.
function Find-Link {
    param([uri] $Base, [string] $Html)

    foreach ($match in [regex]::Matches($Html, '<a\s[^>]*?href\s*=\s*["'']([^"''#]+)', 'IgnoreCase')) {
        $link = $null
        if ([uri]::TryCreate($Base, [Net.WebUtility]::HtmlDecode($match.Groups[1].Value), [ref] $link)) {
            $link
        }
    }
}

$seen = [Collections.Concurrent.ConcurrentDictionary[string, bool]]::new()

# Adding a page takes one of these.
$tickets = New-AsyncQueue
1..$MaximumPages | Write-AsyncQueue $tickets

function Add-Page {
    param([uri] $Page)

    $ticket = $null
    if ($Page.Host -eq $Uri.Host -and $Page.Port -eq $Uri.Port -and $seen.TryAdd($Page.AbsoluteUri, $true) -and
        $tickets.TryRead([ref] $ticket)) {
            Write-AsyncQueue $pages $Page
            $true
        }
}

$pages = New-AsyncQueue -Name pages
$null = Add-Page $Uri
Complete-AsyncQueue $pages -WhenDone

Invoke-Concurrent -InputStream $pages -ThrottleLimit $ThrottleLimit {
    $result = [pscustomobject] @{ Status = 0; Links = 0; Uri = $_; Note = '' }
    try {
        $response = Invoke-Concurrent -Uri $_ -SkipHttpErrorCheck -ErrorAction Stop
        $result.Status = $response.Status
        if ($response.IsSuccess -and $response.ContentType -like 'text/html*') {
            $result.Links = @(Find-Link $response.FinalUri $response.Content | ForEach-Object { Add-Page $_ }).Count
        }
    }
    catch {
        $result.Note = "$_"
    }

    $result
}
