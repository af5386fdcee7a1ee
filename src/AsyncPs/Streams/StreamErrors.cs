using AsyncPs.Concurrency.Waits;
using AsyncPs.Queues;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Streams;

/// <summary>The errors of streams.</summary>
internal static class StreamErrors
{
    /// <summary>An object that cannot be read as a stream.</summary>
    public static ConcurrentArgumentException NotAStream(string parameter, object stream)
        => new(Create(
            $"-{parameter} takes a stream, queue or web socket of New-AsyncStream, New-AsyncQueue, Connect-AsyncMessageQueue or "
                + "Connect-AsyncWebSocket, an IAsyncEnumerable<T>, a Channel<T> or a ChannelReader<T>; "
                + $"{PSObjectExtensions.Unwrap(stream).GetType()} is none of them. "
                + $"Collections need no stream: write them to the pipeline.",
            "NotAStream",
            ErrorCategory.InvalidArgument,
            stream));

    /// <summary>Streams as input together with other input.</summary>
    public static ConcurrentArgumentException InputStreamWithInput(object streams)
        => new(Create(
            "-InputStream is the input: it cannot be combined with pipeline input or -InputObject. "
                + "Leave one of them out, or write the other input to a queue and pass that to -InputStream too.",
            "InputStreamWithInput",
            ErrorCategory.InvalidArgument,
            streams));

    /// <summary>An element that did not arrive in time.</summary>
    public static ErrorRecord StreamReadTimeout(TimeSpan timeout)
        => new(
            new TimeoutException($"The stream had no element within {Duration(timeout)}. Use a longer -Timeout."),
            "StreamReadTimeout",
            ErrorCategory.OperationTimeout,
            null);

    /// <summary>An exception of a stream.</summary>
    public static ErrorRecord StreamFailed(Exception exception)
        => exception is IContainsErrorRecord { ErrorRecord: { } record }
            ? new ErrorRecord(record, exception)
            : new ErrorRecord(exception, "StreamFailed", ErrorCategory.ReadError, null);

    /// <summary>A write that waits for room which only its own waiters could make.</summary>
    public static DeadlockException QueueWaitsForItself(IAsyncQueue queue)
        => new(
            $"The queue '{queue.Name}' is full ({(queue as AsyncQueue)?.Capacity} items), and all its readers wait for this write: no "
                + $"room can come. "
                + "Leave out -Capacity or use a larger one, read the queue with a larger -ThrottleLimit, or write with -Timeout.",
            "QueueWaitsForItself",
            queue);

    /// <summary>A wait for the end of all items of a queue, inside one of them.</summary>
    public static DeadlockException QueueEndWaitsForItself(IAsyncQueue queue)
        => new(
            $"The queue '{queue.Name}' cannot end: one of its items is not done before this wait ends. "
                + "Wait outside the code that reads the queue, or complete it with Complete-AsyncQueue -WhenDone.",
            "QueueWaitsForItself",
            queue);
}
