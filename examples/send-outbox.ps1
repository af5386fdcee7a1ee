<#
.SYNOPSIS
    Sends the messages of an outbox, a folder of files, to a web service.
.DESCRIPTION
    Each file of the folder that matches -Filter is a message. It is claimed by renaming it, so that several of
    these scripts can run at the same time, then sent, and moved to the folder 'sent' in the outbox. A message that
    can't be sent is put back. However the script ends (an error, Ctrl+C, SIGTERM), claimed messages that weren't
    sent are put back before the process exits.

    Failed requests are retried with growing delays. If a request is slow, a second one starts after -Hedge; the
    service must recognize duplicates by the header Idempotency-Key, which has the name of the message. If most
    requests fail, a circuit breaker gives the service 30 seconds to recover. Writes an object for each message:
    Name, Sent, Error; and at the
    end a line for the console.
.PARAMETER Path
    The folder.
.PARAMETER Uri
    Where to send the messages: by PUT, to this address with the name of the file added.
.PARAMETER Filter
    Which files are messages. Default: *.json.
.PARAMETER ThrottleLimit
    How many messages are sent at once. Default: 4.
.PARAMETER RetryCount
    How many times a message is retried. Default: 3.
.PARAMETER RetryDelay
    The delay before the first retry. Default: 1s.
.PARAMETER Hedge
    How long a request may take before a second one starts. Default: 5s.
.EXAMPLE
    ./examples/send-outbox.ps1 /var/spool/orders -Uri https://shop.example.com/orders
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path,

    [Parameter(Mandatory)]
    [uri] $Uri,

    [string] $Filter = '*.json',

    [ValidateRange(1, 100)]
    [int] $ThrottleLimit = 4,

    [ValidateRange(0, 100)]
    [int] $RetryCount = 3,

    $RetryDelay = '1s',

    $Hedge = '5s'
)

$folder = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
$sent = [IO.Directory]::CreateDirectory([IO.Path]::Combine($folder, 'sent')).FullName
$counts = @{ Sent = 0; Failed = 0 }
$breaker = New-CircuitBreaker -MinimumThroughput 10 -BreakTime 30s

# Claimed file -> message, for messages in progress.
$claims = [Collections.Concurrent.ConcurrentDictionary[string, string]]::new()

function Restore-Message([string] $claim) {
    $message = $null
    if ($claims.TryRemove($claim, [ref] $message)) {
        [IO.File]::Move($claim, $message)
    }
}

$cleanUp = Register-ShutdownAction -Name 'messages put back' -PassThru { foreach ($claim in $claims.Keys) { Restore-Message $claim } }
try {
    # All names first: the folder changes as messages are claimed and put back.
    [IO.Directory]::GetFiles($folder, $Filter) | Invoke-Concurrent -AsResult -ThrottleLimit $ThrottleLimit {
        $name = [IO.Path]::GetFileName($_)
        Use-AsyncResource $_ -Enter {
            $claim = "$_.claimed"
            [IO.File]::Move($_, $claim)
            $claims[$claim] = $_
            $claim
        } -Exit { Restore-Message "$_.claimed" } {
            $request = @{
                Uri = "$($Uri.AbsoluteUri.TrimEnd('/'))/$name"
                Method = 'Put'
                InFile = $_
                ContentType = 'application/json'
                Headers = @{ 'Idempotency-Key' = $name }
            }
            $retry = @{ RetryCount = $RetryCount; RetryDelay = $RetryDelay; Hedge = $Hedge; CircuitBreaker = $breaker }
            $null = Invoke-Concurrent @request @retry -ErrorAction Stop
            [IO.File]::Move($_, [IO.Path]::Combine($sent, $name), $true)
            $null = $claims.TryRemove($_, [ref] $null)
        }
    } | ForEach-Object {
        $isSent = $_.Status -eq 'Succeeded'
        $counts[$isSent ? 'Sent' : 'Failed']++
        [pscustomobject] @{ Name = [IO.Path]::GetFileName($_.Input); Sent = $isSent; Error = if ($_.Error) { "$($_.Error[-1])" } }
    }
} finally {
    $cleanUp.Dispose()
}

$summary = "$($counts.Sent) sent, $($counts.Failed) not sent"
if ($breaker.State -ne 'Closed') {
    $summary += "; the service fails too often: $($breaker.LastError)"
}

Write-Host $summary
