<#
.SYNOPSIS
    One producer and three consumers around a queue.
.DESCRIPTION
    The producer creates orders, and each free consumer takes the next one and adds it up. The queue is bounded, so
    the producer is never far ahead. When the producer completes the queue, the consumers end, without sentinels or
    counting.

    Writes an object for each order: Consumer, Order, Total. If the producer fails, the consumers process the
    remaining orders and then fail with its error. If a consumer fails, everything ends.
.PARAMETER Count
    How many orders.
.PARAMETER Consumers
    How many consumers.
.PARAMETER Capacity
    How many orders can wait.
.EXAMPLE
    ./examples/producer-consumer.ps1 -Count 100 | Group-Object Consumer
#>
[CmdletBinding()]
param(
    [ValidateRange(1, [int]::MaxValue)]
    [int] $Count = 20,

    [ValidateRange(1, 1000)]
    [int] $Consumers = 3,

    [ValidateRange(1, [int]::MaxValue)]
    [int] $Capacity = 10
)

$orders = New-AsyncQueue -Capacity $Capacity -Name orders

$produce = {
    try {
        foreach ($number in 1..$Count) {
            @{ Number = $number; Prices = 1..(1 + $number % 5) } | Write-AsyncQueue $orders
        }

        Complete-AsyncQueue $orders
    }
    catch {
        Complete-AsyncQueue $orders -Error $_
    }
}

$consume = {
    $consumer = $AsyncContext.Index
    Read-AsyncQueue $orders | ForEach-Object {
        $total = 0
        foreach ($price in $_.Prices) {
            $total += $price
        }

        [pscustomobject] @{ Consumer = $consumer; Order = $_.Number; Total = $total }
    }
}

# Each block runs once, all of them at the same time.
$blocks = @($produce) + @($consume) * $Consumers
Invoke-Concurrent $blocks -ThrottleLimit $blocks.Count -FailFast
