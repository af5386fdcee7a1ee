<#
.SYNOPSIS
    Watches services, and reports when one goes down or comes back.
.DESCRIPTION
    In each round, connects to all endpoints at once, and publishes each change on an event bus: service.up and
    service.down. There are three subscriptions: changes are written to the pipeline as objects (Time, Endpoint,
    State, Note); with -Log, they are also written to a file; and with -OnDown, your block runs for each service
    that goes down. A slow or failing subscription doesn't delay the others.

    Ends after -Rounds rounds, or with Ctrl+C.
.PARAMETER Endpoint
    What to watch: host:port.
.PARAMETER IntervalSeconds
    The time from one round to the next. Default: 5.
.PARAMETER Rounds
    The number of rounds. Default: no limit.
.PARAMETER TimeoutSeconds
    How long a service may take to accept a connection. Default: 2.
.PARAMETER Log
    A file that gets a line for each change.
.PARAMETER OnDown
    A block that runs for each service that goes down; $_.Data has Endpoint and Note.
.EXAMPLE
    ./examples/watch-services.ps1 localhost:5432, localhost:6379 -Log services.log
.EXAMPLE
    ./examples/watch-services.ps1 db.example.com:5432 -OnDown { Send-Message "down: $($_.Data.Endpoint)" }
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [ValidatePattern('^.+:\d+$')]
    [string[]] $Endpoint,

    [ValidateRange(0, 86400)]
    [double] $IntervalSeconds = 5,

    [ValidateRange(1, [int]::MaxValue)]
    [int] $Rounds = [int]::MaxValue,

    [ValidateRange(0.001, 60)]
    [double] $TimeoutSeconds = 2,

    [string] $Log,

    [scriptblock] $OnDown
)

$bus = New-AsyncEventBus services
try {
    $changes = Register-AsyncEvent $bus 'service.*' -Name pipeline
    if ($Log) {
        $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Log)
        $null = Register-AsyncEvent $bus 'service.*' -Name log {
            [IO.File]::AppendAllText($file,
                "$($_.Data.Time.ToString('o')) $($_.Data.Endpoint) $($_.Data.State) $($_.Data.Note)".TrimEnd() + [Environment]::NewLine)
        }
    }

    if ($OnDown) {
        $null = Register-AsyncEvent $bus service.down $OnDown -Name OnDown -ThrottleLimit 4
    }

    $states = @{}
    $milliseconds = [int] (1000 * $TimeoutSeconds)
    for ($round = 1; $round -le $Rounds; $round++) {
        $Endpoint | Invoke-Concurrent -ThrottleLimit 64 {
            $name, $port = $_ -split ':(?=\d+$)'
            $client = [Net.Sockets.TcpClient]::new()
            $result = [pscustomobject] @{ Time = [DateTimeOffset]::Now; Endpoint = $_; State = 'up'; Note = '' }
            try {
                if (-not $client.ConnectAsync($name, [int] $port).Wait($milliseconds)) {
                    throw [TimeoutException] "no connection within $milliseconds ms"
                }
            }
            catch {
                $result.State = 'down'
                $result.Note = $_.Exception.GetBaseException().Message
            }
            finally {
                $client.Dispose()
            }

            $result
        } | ForEach-Object {
            if ($states[$_.Endpoint] -ne $_.State) {
                $states[$_.Endpoint] = $_.State
                Publish-AsyncEvent $bus "service.$($_.State)" $_
            }
        }

        if ($changes.Waiting) {
            Read-AsyncStream $changes -Count $changes.Waiting | ForEach-Object Data
        }

        if ($round -lt $Rounds) {
            # Not [Threading.Thread]::Sleep(): Ctrl+C can't end a .NET method.
            Wait-WithTimeout ([Threading.Tasks.Task]::Delay([TimeSpan]::FromSeconds($IntervalSeconds)))
        }
    }

    $bus.Subscriptions | Unregister-AsyncEvent -Wait
}
finally {
    $bus.Dispose()
}
