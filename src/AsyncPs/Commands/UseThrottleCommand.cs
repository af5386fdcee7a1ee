using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Throttling;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a block in the caller's scope while it holds a permit of a throttle, and returns the permit however the block ends (asyncio's
/// <c>async with semaphore</c>).
/// </summary>
[Cmdlet(VerbsOther.Use, "Throttle")]
[OutputType(typeof(object))]
public sealed class UseThrottleCommand : AsyncCommand
{
    /// <summary>The throttle.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ThrottleTransformation]
    [ArgumentCompleter(typeof(VariableCompleter<Throttle>))]
    [ValidateNotNull]
    public Throttle Throttle { get; set; } = null!;

    /// <summary>The block. With pipeline input it runs for every object as `$_`, each time with a permit of its own.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>The input objects.</summary>
    [Parameter(ValueFromPipeline = true)]
    [System.Management.Automation.AllowNull]
    public object? InputObject { get; set; }

    /// <summary>How long to wait for a permit; a number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    private bool _hasInput;

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(WaitKind.Permit, Throttle);

    /// <inheritdoc/>
    private protected override void Begin()
        => _hasInput = MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));

    /// <inheritdoc/>
    private protected override CommandStep ProcessAsync() => _hasInput ? RunAsync(InputObject) : default;

    /// <inheritdoc/>
    private protected override CommandStep EndAsync() => _hasInput ? default : RunAsync(CallerBlock.Unset);

    private async CommandStep RunAsync(object? item)
    {
        using ThrottleLease lease = await AcquireAsync();
        using Hold? hold = Throttle.Limit is null ? null : Strand.Current.Hold(Throttle);
        CallerBlock.Invoke(this, ScriptBlock, item);
    }

    private async CommandStep<ThrottleLease> AcquireAsync()
    {
        try
        {
            // Most often there is a permit, and nothing else is needed.
            return Throttle.TryAcquire(out ThrottleLease lease) ? lease : await WaitForPermitAsync();
        }
        catch (ObjectDisposedException e)
        {
            ThrowTerminatingError(ThrottleErrors.ThrottleDisposed(e, Throttle));
            throw;
        }
    }

    // Only an endless wait is checked for deadlocks.
    private WaitGraph.Wait? WaitWithoutEnd()
    {
        try
        {
            return Throttle.Limit is { } limit && Timeout == System.Threading.Timeout.InfiniteTimeSpan
                ? WaitGraph.ForPlace(Strand.Current, Throttle, limit, () => CallErrors.ThrottleWaitsForItself(Throttle))
                : null;
        }
        catch (DeadlockException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
            throw;
        }
    }

    private async CommandStep<ThrottleLease> WaitForPermitAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        timeout.CancelAfter(Timeout);
        using WaitGraph.Wait? waiting = WaitWithoutEnd();
        try
        {
            return await WaitAsync(Throttle.AcquireAsync(timeout.Token));
        }
        catch (OperationCanceledException) when (!StopToken.IsCancellationRequested)
        {
            ThrowTerminatingError(ThrottleErrors.ThrottleTimeout(Timeout, Throttle));
            throw;
        }
    }
}
