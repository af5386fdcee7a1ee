#Requires -Modules AsyncPs.Data

<#
.SYNOPSIS
    Sends the messages of an outbox: a table that other code writes to in the same transaction as the data that the
    messages are about.
.DESCRIPTION
    Takes the unsent messages, oldest first, and passes each to a block, several at once. If the block ends without
    an error, the message is marked as sent at once. If it fails, the message is retried after a delay, -RetryCount
    times, and then in later rounds, up to -MaximumAttempts of them; the row keeps its last error.
    When there is nothing to send, the script waits: on PostgreSQL for a notification on the channel outbox, and in
    any case no longer than -PollSeconds. Writes an object for each message: Id, Sent, Error.

    With -Drain, it ends when there is nothing left to do. On SIGTERM and Ctrl+C, no more messages are started, and
    running messages have -GraceSeconds to be sent and marked. A message is sent at least once: if the process is
    killed between sending and marking, it is sent again. Run one worker for each outbox.

    The table, in SQLite:
        create table outbox (id integer primary key, payload text not null, attempts integer not null default 0, error text, sent_at text)
    and in PostgreSQL, with a trigger that wakes the worker:
        create table outbox (id bigint generated always as identity primary key, payload text not null,
            attempts int not null default 0, error text, sent_at timestamptz);
        create function outbox_notify() returns trigger language plpgsql as $$ begin notify outbox; return null; end $$;
        create trigger outbox_notify after insert on outbox execute function outbox_notify();
.PARAMETER Database
    The database, from Connect-AsyncDatabase.
.PARAMETER Send
    A block that gets a message as $_, with id and payload, and sends it, or fails.
.PARAMETER ThrottleLimit
    How many messages are sent at once. Default: 4.
.PARAMETER RetryCount
    How many times a message is retried in a round. Default: 3.
.PARAMETER RetryDelay
    The delay before the first retry; later delays grow. Default: 1s.
.PARAMETER MaximumAttempts
    In how many rounds a message is tried. Default: 5.
.PARAMETER BatchSize
    How many messages a round takes. Default: 100.
.PARAMETER PollSeconds
    The longest wait when there is nothing to send, or nothing could be sent. Default: 5.
.PARAMETER GraceSeconds
    How long running messages may take at the end. Default: 10.
.PARAMETER Drain
    Ends when there is nothing left to do.
.EXAMPLE
    ./examples/outbox-worker.ps1 $db {
        $null = Invoke-RestMethod https://api.example.com/orders -Method Post -Body $_.payload -ContentType application/json
    }
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [object] $Database,

    [Parameter(Mandatory, Position = 1)]
    [scriptblock] $Send,

    [ValidateRange(1, 1000)]
    [int] $ThrottleLimit = 4,

    [ValidateRange(0, 100)]
    [int] $RetryCount = 3,

    [object] $RetryDelay = '1s',

    [ValidateRange(1, 1000)]
    [int] $MaximumAttempts = 5,

    [ValidateRange(1, 10000)]
    [int] $BatchSize = 100,

    [ValidateRange(0.01, 86400)]
    [double] $PollSeconds = 5,

    [ValidateRange(0, 3600)]
    [int] $GraceSeconds = 10,

    [switch] $Drain
)

# Transient errors are retried; other errors end the worker.
$patiently = @{ RetryCount = 10; RetryDelay = '200ms'; ErrorAction = 'Stop' }
$next = 'select id, payload from outbox where sent_at is null and attempts < @most order by id limit @count'
$mark = 'update outbox set attempts = attempts + 1, error = @error, sent_at = @at where id = @id'

# The objects that the end of the session needs.
$work = @{ Messages = $null; Wake = $null }
$stop = [Threading.CancellationTokenSource]::new()
$stopping = $stop.Token
$ended = [Threading.ManualResetEventSlim]::new()
$grace = [timespan]::FromSeconds($GraceSeconds)
$action = Register-ShutdownAction -PassThru -Name outbox -Timeout ($grace + [timespan]::FromSeconds(1)) {
    $stop.Cancel()
    if ($work.Messages) {
        Clear-AsyncQueue $work.Messages
    }

    if ($work.Wake) {
        $work.Wake.Dispose()
    }

    $null = $ended.Wait($grace)
}

try {
    while (-not $stopping.IsCancellationRequested) {
        # Listens before it looks, so that it doesn't miss messages that arrive in between.
        if ($Database.Kind -eq 'PostgreSql' -and (-not $work.Wake -or $work.Wake.IsClosed)) {
            $work.Wake = Connect-AsyncNotification $Database outbox
        }

        # A queue, from which a message is taken only when it is its turn.
        $work.Messages = New-AsyncQueue -Name outbox
        Invoke-ConcurrentQuery $Database $next -Parameter @{ most = $MaximumAttempts; count = $BatchSize } @patiently |
            Write-AsyncQueue $work.Messages
        $taken = $work.Messages.Count
        $sent = 0
        if ($stopping.IsCancellationRequested) {
            break
        }

        Complete-AsyncQueue $work.Messages
        $retry = @{ RetryCount = $RetryCount; RetryDelay = $RetryDelay }
        Invoke-Concurrent $Send -InputStream $work.Messages -AsResult -ThrottleLimit $ThrottleLimit @retry |
            ForEach-Object {
                $failure = if ($_.Error.Count -gt 0) { "$($_.Error[-1])" }
                $at = if ($null -eq $failure) { [DateTimeOffset]::UtcNow }
                $result = @{ id = $_.Input.id; error = $failure; at = $at }
                $null = Invoke-ConcurrentQuery $Database $mark -Parameter $result -NonQuery @patiently
                $sent += [int] ($null -eq $failure)
                [pscustomobject] @{ Id = $_.Input.id; Sent = $null -eq $failure; Error = $failure }
            }

        if ($sent -gt 0) {
            continue
        }

        if ($taken -eq 0 -and $Drain) {
            break
        }

        if ($taken -eq 0 -and $work.Wake) {
            $null = Read-AsyncStream $work.Wake -Count 1 -Timeout $PollSeconds -ErrorAction Ignore
        }
        else {
            $null = $stopping.WaitHandle.WaitOne([timespan]::FromSeconds($PollSeconds))
        }
    }
}
finally {
    if ($work.Wake) {
        $work.Wake.Dispose()
    }

    $ended.Set()
    $action.Dispose()
}
