using System.Threading.Channels;
using AsyncPs.Concurrency;

namespace AsyncPs.Web;

/// <summary>
/// What a server has to say, on its way to the streams of its command or job. Requests never wait for who reads it: when very much
/// waits, the oldest is dropped, and a warning says how much.
/// </summary>
internal sealed class ServerLog
{
    private const int Most = 10_000;

    private readonly Channel<StreamRecord> _records;
    private long _dropped;

    /// <summary>Makes a log.</summary>
    public ServerLog() => _records = Channel.CreateBounded<StreamRecord>(
        new BoundedChannelOptions(Most) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
        _ => Interlocked.Increment(ref _dropped));

    /// <summary>What has come.</summary>
    public ChannelReader<StreamRecord> Records => _records.Reader;

    /// <summary>Takes a record.</summary>
    public void Write(in StreamRecord record) => _records.Writer.TryWrite(record with { Item = null });

    /// <summary>Takes an error of a request: its target is the route, and its message names the request.</summary>
    public void Error(ErrorRecord error, AsyncRequest request)
    {
        EngineInternals.SetTargetObject?.Invoke(error, request.Route);
        error.ErrorDetails = new ErrorDetails($"{request.Route} (request {request.Id}): {error}")
        {
            RecommendedAction = error.ErrorDetails?.RecommendedAction
        };
        Write(new StreamRecord(null, StreamKind.Error, error));
    }

    /// <summary>Takes an error that is of no request, or of none that has a route.</summary>
    public void Error(Exception exception)
        => Write(
            new StreamRecord(
                null,
                StreamKind.Error,
                new ErrorRecord(exception, WebErrors.ServerFailedId, ErrorCategory.NotSpecified, null)));

    /// <summary>How many records were dropped since the last time it was asked.</summary>
    public long TakeDropped() => Interlocked.Exchange(ref _dropped, 0);

    /// <summary>Nothing more will come.</summary>
    public void Complete() => _records.Writer.TryComplete();
}
