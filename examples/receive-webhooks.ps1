#Requires -Modules AsyncPs.Web

<#
.SYNOPSIS
    Receives webhooks: checks their signatures, answers at once, and handles them one after another in the background.
.DESCRIPTION
    A service that sends webhooks expects an answer within seconds, and sends unanswered webhooks again. So this
    server only checks a request and puts it into a queue, from which blocks take it. If the queue is full, the
    answer is 503, and the service tries again later.

    The signature has the format of GitHub and many others: the header X-Hub-Signature-256 has "sha256=" and the
    HMAC of the body with a shared secret. A request without a signature, or with a wrong one, gets 401. A repeated
    delivery, with the same header X-GitHub-Delivery, is answered but not handled again.

    The script serves until Ctrl+C or SIGTERM. Then it accepts no new deliveries, and handles the waiting ones
    before it ends. If a block fails, its error is written.
.PARAMETER Secret
    The secret that both sides know.
.PARAMETER Handle
    A block that gets a delivery as $_: Id, Event, Payload.
.PARAMETER Port
    The port. Default: 8080.
.PARAMETER QueueLimit
    How many deliveries can wait. Default: 1000.
.PARAMETER ThrottleLimit
    How many are handled at once. Default: 1, so that they are handled in order.
.EXAMPLE
    ./examples/receive-webhooks.ps1 -Secret (Read-Host -AsSecureString) -Handle { "$($_.Event) of $($_.Payload.repository.full_name)" }
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [securestring] $Secret,

    [Parameter(Mandatory)]
    [scriptblock] $Handle,

    [ValidateRange(0, 65535)]
    [int] $Port = 8080,

    [ValidateRange(1, 1000000)]
    [int] $QueueLimit = 1000,

    [ValidateRange(1, 1000)]
    [int] $ThrottleLimit = 1
)

$ErrorActionPreference = 'Stop'
$key = [Text.Encoding]::UTF8.GetBytes([Net.NetworkCredential]::new('', $Secret).Password)
$queue = New-AsyncQueue -Capacity $QueueLimit

# The deliveries of the last hour.
$taken = New-AsyncCache -TimeToLive 1h -MaxCount 100000

$hook = New-AsyncRoute POST /webhook -Status 202 -MaximumBodySize 25MB -Header @{
    Signature = 'X-Hub-Signature-256'; Delivery = 'X-GitHub-Delivery'; Kind = 'X-GitHub-Event'
} {
    param([string] $Signature, [Parameter(Mandatory)][string] $Delivery, [string] $Kind = 'unknown')

    $body = $AsyncRequest.ReadBytes()
    $expected = 'sha256=' + [Convert]::ToHexString([Security.Cryptography.HMACSHA256]::HashData($key, $body)).ToLowerInvariant()

    # In constant time, so that the time doesn't reveal how much of it was right.
    if (-not [Security.Cryptography.CryptographicOperations]::FixedTimeEquals([Text.Encoding]::UTF8.GetBytes($expected),
        [Text.Encoding]::UTF8.GetBytes("$Signature"))) {
            return New-AsyncResponse -Status 401 @{ title = 'The signature is wrong.' }
        }

    try {
        $payload = [Text.Encoding]::UTF8.GetString($body) | ConvertFrom-Json
    }
    catch {
        return New-AsyncResponse -Status 400 @{ title = 'The body is not JSON.' }
    }

    # Once, however often it is sent. A delivery that could not be queued is removed, so that it can be sent again.
    try {
        Get-AsyncCache $taken $Delivery {
            Write-AsyncQueue $queue ([pscustomobject] @{ Id = $Delivery; Event = $Kind; Payload = $payload }) -NoWait -ErrorAction Stop
            @{ queued = $Delivery }
        }
    }
    catch {
        New-AsyncResponse -Status 503 @{ title = 'Too many deliveries wait.' } -Headers @{ 'Retry-After' = 60 }
    }
}

$health = New-AsyncRoute GET /health { @{ waiting = $queue.Count } }

# The server runs in the background and the handler here, so that its output is the script's output.
$server = Start-AsyncServer $hook, $health -Port $Port -AsJob
Write-Host "Listening on $($server.Uri[0])webhook - Ctrl+C stops it."
$null = Register-ShutdownAction { Complete-AsyncQueue $queue }
try {
    Invoke-Concurrent $Handle -InputStream $queue -ThrottleLimit $ThrottleLimit -ErrorAction Continue
}
finally {
    Stop-AsyncServer $server
    Receive-Job $server -ErrorAction Continue
}
