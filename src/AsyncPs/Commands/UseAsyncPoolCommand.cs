using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Pooling;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a block in the caller's scope with an object of a pool, and returns the object however the block ends (asyncpg's
/// <c>async with pool.acquire()</c>).
/// </summary>
[Cmdlet(VerbsOther.Use, "AsyncPool")]
[OutputType(typeof(object))]
public sealed class UseAsyncPoolCommand : AsyncCommand
{
    /// <summary>The pool.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncPool>))]
    [ValidateNotNull]
    public AsyncPool Pool { get; set; } = null!;

    /// <summary>The block. The object is `$_` in it.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>How long to wait for an object; a number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(WaitKind.PoolObject, Pool);

    /// <inheritdoc/>
    private protected override async CommandStep EndAsync()
    {
        PoolLease lease = await AcquireAsync();
        using Hold hold = Strand.Current.Hold(Pool.Places);
        bool failed = true;
        try
        {
            RunBlock(lease.Value);
            failed = false;
        }
        catch (Exception e) when (IsEnough(e))
        {
            failed = false;
            throw;
        }
        finally
        {
            Return(lease, failed);
        }
    }

    // An object is checked before it is used again if a block failed with it.
    private void RunBlock(object? pooled)
    {
        if (HeardErrors.AreSilenced(this, ScriptBlock))
        {
            LimitedBlock.Invoke(this, ScriptBlock, pooled, [], WriteObject, errors: null, CancellationToken.None);
        }
        else
        {
            CallerBlock.Invoke(this, ScriptBlock, pooled);
        }
    }

    private async CommandStep<PoolLease> AcquireAsync()
    {
        try
        {
            if (Pool.TryAcquire() is { } ready)
            {
                return ready;
            }

            // Only an endless wait is checked for deadlocks.
            using WaitGraph.Wait? waiting = Timeout == System.Threading.Timeout.InfiniteTimeSpan
                ? WaitGraph.ForPlace(Strand.Current, Pool.Places, Pool.MaxSize, () => PoolErrors.PoolWaitsForItself(Pool))
                : null;
            if (Timeout != TimeSpan.Zero && await TryWaitAsync(Pool.AcquireAsync, Timeout) is (true, var lease))
            {
                return lease!;
            }

            ThrowTerminatingError(PoolErrors.PoolTimeout(Timeout, Pool));
        }
        catch (ObjectDisposedException e) when (Pool.IsDisposed)
        {
            ThrowTerminatingError(PoolErrors.PoolDisposed(e, Pool));
        }
        catch (DeadlockException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            ThrowTerminatingError(PoolErrors.PoolCreateFailed(e, Pool));
        }

        throw new PipelineStoppedException();
    }

    private void Return(PoolLease lease, bool failed)
    {
        ValueTask returning = lease.ReturnAsync(failed);
        if (IsStopping || failed || returning.IsCompleted)
        {
            // A stopped or failed command does not wait for the return, which completes in the background.
            _ = returning.AsTask();
            return;
        }

        Wait(returning);
    }
}
