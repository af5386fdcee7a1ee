using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Resilience;

namespace AsyncPs.Streams;

/// <summary>Reads all records of a producer block, which runs as the only item of a call.</summary>
/// <param name="open">Opens the call.</param>
/// <param name="stopping">Ends the producer.</param>
internal sealed class ProducerSource(Func<CallerLink, ConcurrentCall> open, CancellationToken stopping) : StreamSource
{
    private readonly CallerLink _reader = CallerLink.Current;
    private ConcurrentCall? _call;
    private CancellationTokenRegistration _stop;

    /// <inheritdoc/>
    public override async ValueTask<bool> MoveNextAsync()
    {
        stopping.ThrowIfCancellationRequested();
        if (_call is null)
        {
            Start();
        }

        if (await _call.ReadToEndAsync().ConfigureAwait(false) is not { } record)
        {
            return false;
        }

        ThrowIfFailed(record);
        Current = record;
        return true;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_call is { } call)
        {
            await _stop.DisposeAsync().ConfigureAwait(false);

            // Dispose waits for the end of the block.
            await Task.Run(call.Dispose, CancellationToken.None).ConfigureAwait(false);
        }
    }

    [MemberNotNull(nameof(_call))]
    private void Start()
    {
        _call = open(_reader);
        _call.TryAdd(input: null);
        _stop = stopping.UnsafeRegister(static call => ((ConcurrentCall)call!).Stop(), _call);
    }

    private static void ThrowIfFailed(in StreamRecord record)
    {
        if (record.Kind == StreamKind.Fatal)
        {
            throw (Exception)record.Data!;
        }

        if (record is { Kind: StreamKind.Error, Item: { } item, Data: ErrorRecord error }
            && (ReferenceEquals(item.EndedBy, error) || ReferenceEquals(item.AwaitError, error)))
        {
            throw ErrorCauses.ExceptionOf(error);
        }
    }
}
