using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Queues;
using AsyncPs.Streams;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the variables of the session that hold a queue or a stream.</summary>
public sealed class StreamCompleter : VariableCompleter
{
    private protected override bool Fits(PSVariable variable)
        => PSObjectExtensions.Unwrap(variable.Value) is { } value
            && (value is IAsyncQueue or IStreamable || AsyncStreams.IsAsyncStream(value.GetType()));
}
