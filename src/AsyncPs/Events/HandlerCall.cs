using System.Management.Automation.Host;
using AsyncPs.Concurrency;
using AsyncPs.Queues;
using AsyncPs.Streams;

namespace AsyncPs.Events;

/// <summary>
/// Runs the handler of a subscription: a call that the subscription's queue feeds. It holds no worker while there are no events.
/// </summary>
/// <param name="open">Opens the call.</param>
/// <param name="home">The host that shows failures for which no caller waits, or null.</param>
internal sealed class HandlerCall(Func<ConcurrentCall> open, PSHost? home)
{
    private ConcurrentCall? _call;

    /// <summary>Completes when all events were handled, or the call was stopped.</summary>
    public Task HasEnded { get; private set; } = Task.CompletedTask;

    /// <summary>Whether it has started.</summary>
    public bool IsOpen => _call is not null;

    /// <summary>The object whose places its items hold. Only after the start.</summary>
    public object Identity => _call!;

    /// <summary>Starts the handler.</summary>
    public void Start(AsyncQueue queue, EventSubscription subscription)
    {
        _call = open();
        _call.Feed(new StreamFeed(_call, [queue], nameof(queue)).RunAsync);
        HasEnded = RunAsync(_call, subscription);
    }

    /// <summary>Stops the handler, wherever it is.</summary>
    public void Stop() => _call?.Stop();

    private async Task RunAsync(ConcurrentCall call, EventSubscription subscription)
    {
        try
        {
            await ReadResultsAsync(call, subscription).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The call was stopped.
        }
        catch (Exception e)
        {
            subscription.Break(e);
        }
        finally
        {
            // Dispose waits until stopped handlers have ended. Unhandled events go back to the queue.
            await Task.Run(call.Dispose).ConfigureAwait(false);
            subscription.DropAll();
            subscription.HandlerHasEnded(home);
        }
    }

    private static async Task ReadResultsAsync(ConcurrentCall call, EventSubscription subscription)
    {
        while (await call.ReadToEndAsync().ConfigureAwait(false) is { } record)
        {
            if (record.Kind == StreamKind.Fatal)
            {
                throw (Exception)record.Data!;
            }

            if (record is { Kind: StreamKind.Output, Data: ConcurrentResult { Input: AsyncEvent handled } result })
            {
                subscription.HasHandled(handled, result);
            }
        }
    }
}
