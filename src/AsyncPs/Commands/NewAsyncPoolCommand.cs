using AsyncPs.Blocks;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Pooling;
using AsyncPs.Resilience;
using AsyncPs.Resources;

namespace AsyncPs.Commands;

/// <summary>Creates a pool of objects that are expensive to create, such as connections (like asyncpg's and aiohttp's pools).</summary>
[Cmdlet(VerbsCommon.New, "AsyncPool")]
[OutputType(typeof(AsyncPool))]
public sealed class NewAsyncPoolCommand : WorkCommand
{
    /// <summary>Creates an object and writes it. It runs on a worker.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>The largest number of objects, from 1. Default: 10.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxSize { get; set; } = 10;

    /// <summary>How many objects are created at the start and kept, used or not. Default: 0.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MinSize { get; set; }

    /// <summary>How long an unused object is kept; a number means seconds. Default: until the pool is disposed.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan IdleTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Prepares an object, `$_`, for the next user. An object for which it fails is replaced. Default: nothing is done.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Reset { get; set; }

    /// <summary>Decides whether a used object, `$_`, is still good. One that is not is replaced. Default: all are good.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Validate { get; set; }

    /// <inheritdoc/>
    private protected override void End()
    {
        if (MinSize > MaxSize)
        {
            ThrowTerminatingError(PoolErrors.PoolSizes(MinSize, MaxSize));
        }

        object places = new();
        WriteObject(new AsyncPool(new PoolOptions(CreateWith(Background(ScriptBlock), places))
        {
            Places = places,
            MaxSize = MaxSize,
            MinSize = MinSize,
            IdleTimeout = Duration.Finite(IdleTimeout),
            Reset = Reset is null ? null : ResetWith(Background(Reset)),
            Validate = Validate is null ? null : ValidateWith(Background(Validate)),
        }));
    }

    private BackgroundBlock Background(ScriptBlock block) => new(block, arguments: null, CaptureOptions, this);

    private static Func<CancellationToken, Task<object>> CreateWith(BackgroundBlock block, object places) => async cancellationToken =>
    {
        BlockOutput made = await block.RunAsync(input: null, work: places, cancellationToken, lost: DisposeAllAsync).ConfigureAwait(false);
        if (made.Output is [{ } one])
        {
            return one;
        }

        await DisposeAllAsync(made.Output).ConfigureAwait(false);
        ThrowIfFailed(made);
        throw PoolErrors.PoolCreateWroteOther(made.Output.Length);
    };

    // Objects that no caller gets are disposed. The error to report is the existing one.
    private static async ValueTask DisposeAllAsync(IReadOnlyList<object?> made)
    {
        foreach (object value in made.OfType<object>())
        {
            try
            {
                await Disposal.DisposeAsync(PSObjectExtensions.UnwrapUnlessCustom(value)).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The object was not created.
            }
        }
    }

    private static Func<object, CancellationToken, Task> ResetWith(BackgroundBlock block) => async (value, cancellationToken)
        => ThrowIfFailed(await block.RunAsync(value, work: null, cancellationToken).ConfigureAwait(false));

    private static Func<object, CancellationToken, Task<bool>> ValidateWith(BackgroundBlock block) => async (value, cancellationToken) =>
    {
        BlockOutput answer = await block.RunAsync(value, work: null, cancellationToken).ConfigureAwait(false);
        ThrowIfFailed(answer);
        return LanguagePrimitives.IsTrue(answer.Value);
    };

    // Even an error that does not end the block counts: a connection must be known to be good.
    private static void ThrowIfFailed(BlockOutput output)
    {
        if (output.Records.FirstOrDefault(static record => record.Kind == StreamKind.Error).Data is ErrorRecord error)
        {
            throw ErrorCauses.ExceptionOf(error);
        }
    }
}
