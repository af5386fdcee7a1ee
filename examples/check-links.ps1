<#
.SYNOPSIS
    Checks the links of a list or a sitemap, many at once.
.DESCRIPTION
    Writes an object for each link (Status, Seconds, Uri, Note) as it completes. The last line for the console has
    the number of links, how many are fine, moved and broken, seconds, and links/s. It goes to the information
    stream, so that only the objects go down the pipeline (6>$null hides it).

    A link is requested with HEAD, or with GET if a server refuses HEAD. It is Ok if the status, after redirects, is
    from 200 to 299. Note says where the link has moved to, or what is wrong. A server that doesn't answer gives an
    object too, not an error.
.PARAMETER Path
    A file with one URL in each line; empty lines and lines that begin with # are skipped.
.PARAMETER Sitemap
    The URL of a sitemap, or of an index of sitemaps (sitemaps.org).
.PARAMETER Uri
    URLs, also from the pipeline.
.PARAMETER ThrottleLimit
    How many links are checked at once. Default: 64.
.PARAMETER TimeoutSeconds
    How long a server may take to answer. Default: 20.
.EXAMPLE
    ./examples/check-links.ps1 -Sitemap https://example.com/sitemap.xml | Where-Object { -not $_.Ok }
.EXAMPLE
    ./examples/check-links.ps1 -Path links.txt | Group-Object Status
#>
[CmdletBinding(DefaultParameterSetName = 'Uri')]
param(
    [Parameter(Mandatory, ParameterSetName = 'Path', Position = 0)]
    [string] $Path,

    [Parameter(Mandatory, ParameterSetName = 'Sitemap')]
    [uri] $Sitemap,

    [Parameter(Mandatory, ParameterSetName = 'Uri', ValueFromPipeline)]
    [string[]] $Uri,

    [ValidateRange(1, [int]::MaxValue)]
    [int] $ThrottleLimit = 64,

    [ValidateRange(1, 3600)]
    [int] $TimeoutSeconds = 20
)

begin {
    # The URLs of a sitemap, and of those that it names if it is an index.
    function Read-Sitemap {
        param([uri] $Location)

        $request = @{ Uri = $Location; ThrottleLimit = $ThrottleLimit; ConnectionTimeoutSeconds = $TimeoutSeconds }
        foreach ($text in Invoke-Concurrent @request -As Text) {
            $document = [xml] $text
            $locations = { $document.SelectNodes("/*[local-name()='$($args[0])']/*/*[local-name()='loc']") | ForEach-Object InnerText }
            & $locations 'urlset'
            foreach ($other in & $locations 'sitemapindex') {
                Read-Sitemap $other
            }
        }
    }

    # The outcome of each link: the response, or the error in its place.
    function Invoke-Check {
        param([string] $Method)

        $options = @{ SkipHttpErrorCheck = $true; ThrottleLimit = $ThrottleLimit; ConnectionTimeoutSeconds = $TimeoutSeconds }
        $input | Invoke-Concurrent -Method $Method @options -ErrorAction Continue 2>&1
    }

    function New-Link {
        param($Outcome)

        if ($Outcome -is [Management.Automation.ErrorRecord]) {
            return [pscustomobject] @{
                Ok = $false; Status = 0; Seconds = $null; Uri = "$($Outcome.TargetObject)"; Note = $Outcome.Exception.Message
            }
        }

        $moved = "$($Outcome.FinalUri)" -ne "$($Outcome.Uri)"
        [pscustomobject] @{
            Ok      = $Outcome.IsSuccess
            Status  = $Outcome.Status
            Seconds = [Math]::Round($Outcome.Elapsed.TotalSeconds, 3)
            Uri     = "$($Outcome.Uri)"
            Note    = if (-not $Outcome.IsSuccess) {
                "$($Outcome.StatusCode)"
            }
            elseif ($moved) {
                "moved to $($Outcome.FinalUri)"
            }
            else {
                ''
            }
        }
    }

    $links = [Collections.Generic.List[string]]::new()
}

process {
    if ($Uri) {
        $links.AddRange($Uri)
    }
}

end {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    if ($Path) {
        $lines = [IO.File]::ReadAllLines($PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)).Trim()
        $links.AddRange([string[]] @($lines -notmatch '^(#|$)'))
    }
    elseif ($Sitemap) {
        $links.AddRange([string[]] @(Read-Sitemap $Sitemap))
    }

    $unique = [Collections.Generic.HashSet[string]]::new($links)
    $again = [Collections.Generic.List[string]]::new()
    $counts = @{ Ok = 0; Moved = 0; Broken = 0 }
    & {
        $unique | Invoke-Check HEAD | ForEach-Object {
            if ($_ -isnot [Management.Automation.ErrorRecord] -and $_.Status -in 403, 405, 501) {
                $again.Add("$($_.Uri)")
            }
            else {
                New-Link $_
            }
        }

        $again | Invoke-Check GET | ForEach-Object { New-Link $_ }
    } | ForEach-Object {
        $counts[$(if (-not $_.Ok) { 'Broken' } elseif ($_.Note) { 'Moved' } else { 'Ok' })]++
        $_
    }

    $seconds = $watch.Elapsed.TotalSeconds
    $summary = '{0:N0} links: {1:N0} fine, {2:N0} moved, {3:N0} broken; {4:N2} s, {5:N1} links/s' -f
        $unique.Count, $counts.Ok, $counts.Moved, $counts.Broken, $seconds, ($unique.Count / $seconds)

    Write-Host $summary
}
