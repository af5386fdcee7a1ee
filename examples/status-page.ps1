#Requires -Modules AsyncPs.Web

<#
.SYNOPSIS
    Serves a status page that checks services again and again and updates live.
.DESCRIPTION
    Each service is checked by HTTP every -IntervalSeconds. The page, at /, shows the answers and updates by
    server-sent events. /status.json has the same for programs. /health is for a load balancer: 200 if all services
    answer, else 503. The script serves until Ctrl+C or SIGTERM.
.PARAMETER Service
    The services: names and addresses.
.PARAMETER IntervalSeconds
    The time between two checks. Default: 10.
.PARAMETER Port
    The port. Default: 8080.
.PARAMETER Title
    The title of the page. Default: Status.
.EXAMPLE
    ./examples/status-page.ps1 @{ Shop = 'https://shop.example.com/health'; API = 'https://api.example.com/health' }
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [Collections.IDictionary] $Service,

    [ValidateRange(0.1, 86400)]
    [double] $IntervalSeconds = 10,

    [ValidateRange(0, 65535)]
    [int] $Port = 8080,

    [string] $Title = 'Status'
)

$ErrorActionPreference = 'Stop'
$status = [Collections.Concurrent.ConcurrentDictionary[string, object]]::new()
$bus = New-AsyncEventBus
$services = foreach ($name in $Service.Keys) { [pscustomobject] @{ Name = $name; Uri = $Service[$name] } }
foreach ($one in $services) {
    $status[$one.Name] = [pscustomobject] @{ name = $one.Name; up = $null; detail = 'not asked yet'; at = Get-Date }
}

$page = @'
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>@TITLE@</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem }
li { display: flex; gap: .7rem; list-style: none; border-bottom: 1px solid #ddd; padding: .5rem 0 }
ul { padding: 0 } .dot { width: .9rem; height: .9rem; border-radius: 50%; align-self: center; background: #999 }
.up { background: #1a7f37 } .down { background: #b3261e }
small { margin-left: auto; opacity: .7 }
</style></head><body><h1>@TITLE@</h1><ul id="all"></ul>
<script>
const show = one => {
  let item = document.getElementById('s-' + one.name);
  if (!item) {
    item = document.createElement('li');
    item.id = 's-' + one.name;
    item.append(document.createElement('span'), document.createElement('b'), document.createElement('small'));
    document.getElementById('all').append(item);
  }
  item.children[0].className = 'dot ' + (one.up === null ? '' : one.up ? 'up' : 'down');
  item.children[1].textContent = one.name;
  item.children[2].textContent = one.detail + ', ' + new Date(one.at).toLocaleTimeString();
};
new EventSource('/events').onmessage = message => show(JSON.parse(message.data));
</script></body></html>
'@.Replace('@TITLE@', [Net.WebUtility]::HtmlEncode($Title))

$routes = @(
    New-AsyncRoute GET / -ContentType 'text/html; charset=utf-8' -Hidden { $page }
    New-AsyncRoute GET /status.json -AsArray { $status.Values | Sort-Object name }
    New-AsyncRoute GET /health {
        $down = @($status.Values | Where-Object { -not $_.up } | ForEach-Object name | Sort-Object)
        New-AsyncResponse @{ down = $down } -Status ($down.Count ? 503 : 200)
    }
    New-AsyncRoute GET /events -Stream {
        # Subscribed first, so that nothing is missed between the two.
        $changes = Register-AsyncEvent $bus changed
        try {
            $status.Values | Sort-Object name
            Read-AsyncStream $changes | ForEach-Object Data
        }
        finally {
            Unregister-AsyncEvent $changes
        }
    }
)

$watch = Start-Throttled -ArgumentList $services, $IntervalSeconds -ThrottleLimit 1 {
    param($Services, $Seconds)

    while ($true) {
        $Services | Invoke-Concurrent -Uri { $_.Uri } -AsResult -ItemTimeout 10s | ForEach-Object {
            $now = [pscustomobject] @{
                name   = $_.Input.Name
                up     = $_.Status -eq 'Succeeded'
                detail = if ($_.Status -eq 'Succeeded') {
                    "$([int] $_.Duration.TotalMilliseconds) ms"
                } else { "$($_.Error | Select-Object -First 1)" }
                at     = Get-Date
            }
            $status[$now.name] = $now
            Publish-AsyncEvent $bus changed $now
        }

        Start-Sleep -Milliseconds ($Seconds * 1000)
    }
}

try {
    Start-AsyncServer $routes -Port $Port -Title $Title
}
finally {
    Stop-Job $watch
    Remove-Job $watch
    $bus.Dispose()
}
