using System.Threading.Channels;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Queues;

/// <summary>The errors of queues.</summary>
internal static class QueueErrors
{
    /// <summary>A priority queue cannot drop by age.</summary>
    public static NotSupportedException DropsByAge(QueueFullMode mode)
        => new($"-FullMode {mode} cannot be used with -Kind Priority, which does not track age. Use Wait or DropWrite, or another kind.");

    /// <summary>The same error for a cmdlet.</summary>
    public static ConcurrentArgumentException QueueModeNotSupported(NotSupportedException exception, QueueFullMode mode)
        => new(new ErrorRecord(exception, "QueueModeNotSupported", ErrorCategory.InvalidArgument, mode));

    /// <summary>A write to a completed queue.</summary>
    public static ChannelClosedException QueueIsCompleted(IAsyncQueue queue)
        => new(
            $"The queue '{queue.Name}' is completed and takes no more items. Complete it after the last write, or write to another queue.",
            queue.Error);

    /// <summary>The same error for a cmdlet.</summary>
    public static ErrorRecord QueueCompleted(IAsyncQueue queue, object? item)
        => new(QueueIsCompleted(queue), "QueueCompleted", ErrorCategory.InvalidOperation, item);

    /// <summary>A read from a queue that is completed and empty.</summary>
    public static ChannelClosedException QueueHasEnded(IAsyncQueue queue)
        => new(
            $"The queue '{queue.Name}' is completed and has no more items.{(queue.Error is { } error ? " " + error.Message : "")}",
            queue.Error);

    /// <summary>The error that a queue was completed with.</summary>
    public static ErrorRecord QueueFailed(IAsyncQueue queue)
        => queue.Error is IContainsErrorRecord { ErrorRecord: { } record }
            ? new ErrorRecord(record, queue.Error)
            : new ErrorRecord(queue.Error, "QueueFailed", ErrorCategory.ReadError, queue);

    /// <summary>A write that must not wait found the queue full.</summary>
    public static ErrorRecord QueueFull(IAsyncQueue queue, object? item)
        => new(
            new InvalidOperationException(
                queue is AsyncQueue { Capacity: var capacity }
                    ? $"The queue '{queue.Name}' is full ({capacity} items): the item was not written. Leave out -NoWait to wait for "
                        + $"room, or use a larger -Capacity or another -FullMode."
                    : $"The broker of '{queue.Name}' has reached the limit of unconfirmed items: the item was not written. Leave out "
                        + $"-NoWait to wait until it has."),
            "QueueFull",
            ErrorCategory.ResourceUnavailable,
            item);

    /// <summary>A write has waited too long.</summary>
    public static ErrorRecord QueueWriteTimeout(IAsyncQueue queue, object? item, TimeSpan timeout)
        => new(
            new TimeoutException($"The queue '{queue.Name}' had no room within {Duration(timeout)}: the item was not written. "
                + (queue is AsyncQueue
                    ? "Use a longer -Timeout, or read faster."
                    : "Use a longer -Timeout, or look at the queue's properties: they show whether its broker is there and takes "
                        + "messages.")),
            "QueueWriteTimeout",
            ErrorCategory.OperationTimeout,
            item);

    /// <summary>A read has waited too long.</summary>
    public static ErrorRecord QueueReadTimeout(IAsyncQueue queue, TimeSpan timeout)
        => new(
            new TimeoutException(
                $"No item arrived in the queue '{queue.Name}' within {Duration(timeout)}. "
                    + "Use a longer -Timeout, or complete the queue after the last item."),
            "QueueReadTimeout",
            ErrorCategory.OperationTimeout,
            queue);

    /// <summary>A wait for all items has taken too long.</summary>
    public static ErrorRecord QueueWaitTimeout(IAsyncQueue queue, TimeSpan timeout)
        => new(
            new TimeoutException($"The queue '{queue.Name}' still has "
                + $"{(queue is AsyncQueue { Count: var count } ? $"{count + queue.InFlight} " : "")}unfinished items after "
                + $"{Duration(timeout)}. Use a longer -Timeout, or read the queue with more readers."),
            "QueueWaitTimeout",
            ErrorCategory.OperationTimeout,
            queue);

    /// <summary>An item is settled twice.</summary>
    public static InvalidOperationException ItemIsSettled(IAsyncQueue queue)
        => new(
            $"The item was acknowledged or returned to the queue '{queue.Name}' before. Call Ack or Nack once; "
                + "a stopped reader returns its items automatically.");
}
