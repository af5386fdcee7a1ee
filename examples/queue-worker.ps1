#Requires -Modules AsyncPs.Messaging

<#
.SYNOPSIS
    Runs a block for each message of a RabbitMQ queue, in any number of processes and on any number of hosts.
.DESCRIPTION
    Takes messages from the queue and passes each to a block, several at once. A message is acknowledged when its
    block has ended without an error. If the block fails, the message is delivered again after -RetryDelay, up to
    -MaximumDeliveries times in all, and then goes to the queue '<queue>.dead' with the reason in its headers. If
    the process is killed, or its host is lost, the broker delivers the unacknowledged messages to the other
    workers.

    Writes an object for each message: Id, Deliveries, Seconds, Result. If a block fails, you get an error, and the
    others continue. On Ctrl+C, the messages in progress go back to the queue. A message can arrive twice: make sure
    that a second run does no harm, for example by storing the result under the message's id.
.PARAMETER Broker
    The address of the broker, amqp://host or amqps://host:5671/vhost; several for the nodes of a cluster.
.PARAMETER Queue
    The queue, created if it is missing.
.PARAMETER Work
    A block that gets a message as $_, with Body, Headers and MessageId.
.PARAMETER Credential
    The user name and password. Default: those in the address, or guest.
.PARAMETER ThrottleLimit
    How many messages are handled at once. Default: 8.
.PARAMETER Prefetch
    How many unacknowledged messages the broker delivers ahead. Default: twice the -ThrottleLimit.
.PARAMETER RetryDelay
    How long a failed message waits before it is delivered again. Default: 1m.
.PARAMETER MaximumDeliveries
    How many times a message is tried. Default: 5.
.PARAMETER ItemTimeout
    How long a message may take. Default: no limit.
.PARAMETER Drain
    Ends when the queue has no more messages for this worker. Default: it waits for more.
.EXAMPLE
    ./examples/queue-worker.ps1 amqp://localhost thumbnails { New-Thumbnail $_.Body.Path }
.EXAMPLE
    $worker = './examples/queue-worker.ps1 amqp://localhost orders { Send-Order $_.Body } -Drain'
    1..3 | ForEach-Object { Start-Process pwsh -ArgumentList '-Command', $worker -PassThru } | Wait-Process
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string[]] $Broker,

    [Parameter(Mandatory, Position = 1)]
    [string] $Queue,

    [Parameter(Mandatory, Position = 2)]
    [scriptblock] $Work,

    [pscredential] $Credential,

    [ValidateRange(1, 1000)]
    [int] $ThrottleLimit = 8,

    [ValidateRange(0, 65535)]
    [int] $Prefetch = 2 * $ThrottleLimit,

    [object] $RetryDelay = '1m',

    [ValidateRange(1, 1000)]
    [int] $MaximumDeliveries = 5,

    [object] $ItemTimeout = 'Infinite',

    [switch] $Drain
)

$connection = @{
    RabbitMq      = $Broker
    Queue         = $Queue
    Prefetch      = $Prefetch
    RetryDelay    = $RetryDelay
    MaxDeliveries = $MaximumDeliveries
    AsMessage     = $true
}
if ($Credential) {
    $connection.Credential = $Credential
}

Use-AsyncResource (Connect-AsyncMessageQueue @connection) {
    $messages = $_
    if ($Drain) {
        Complete-AsyncQueue $messages
    }

    Invoke-Concurrent -InputStream $messages -ThrottleLimit $ThrottleLimit -ItemTimeout $ItemTimeout {
        $message = $_
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $result = $message | ForEach-Object $Work
        [pscustomobject] @{
            Id         = $message.MessageId
            Deliveries = $message.DeliveryCount
            Seconds    = $watch.Elapsed.TotalSeconds
            Result     = $result
        }
    }
}
