using System.Threading.Channels;
using AsyncPs.Concurrency;

namespace AsyncPs.Web;

/// <summary>
/// The records of a server on their way to the streams of its command or job. Requests never wait for the reader: if too many records
/// wait, the oldest are dropped, and a warning gives their number.
/// </summary>
internal sealed class ServerLog
{
    private const int Most = 10_000;

    private readonly Channel<StreamRecord> _records;
    private long _dropped;

    /// <summary>Creates a log.</summary>
    public ServerLog() => _records = Channel.CreateBounded<StreamRecord>(
        new BoundedChannelOptions(Most) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
        _ => Interlocked.Increment(ref _dropped));

    /// <summary>The records.</summary>
    public ChannelReader<StreamRecord> Records => _records.Reader;

    /// <summary>Adds a record.</summary>
    public void Write(in StreamRecord record) => _records.Writer.TryWrite(record with { Item = null });

    /// <summary>Adds an error of a request. Its target is the route, and its message names the request.</summary>
    public void Error(ErrorRecord error, AsyncRequest request)
    {
        EngineInternals.SetTargetObject?.Invoke(error, request.Route);
        error.ErrorDetails = new ErrorDetails($"{request.Route} (request {request.Id}): {error}")
        {
            RecommendedAction = error.ErrorDetails?.RecommendedAction
        };
        Write(new StreamRecord(null, StreamKind.Error, error));
    }

    /// <summary>Adds an error without a request or a route.</summary>
    public void Error(Exception exception)
        => Write(
            new StreamRecord(
                null,
                StreamKind.Error,
                new ErrorRecord(exception, WebErrors.ServerFailedId, ErrorCategory.NotSpecified, null)));

    /// <summary>Takes the number of records that were dropped since the last call.</summary>
    public long TakeDropped() => Interlocked.Exchange(ref _dropped, 0);

    /// <summary>Ends the log.</summary>
    public void Complete() => _records.Writer.TryComplete();
}
