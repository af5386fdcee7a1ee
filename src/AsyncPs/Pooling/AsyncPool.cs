using AsyncPs.Resources;
using AsyncPs.Throttling;

namespace AsyncPs.Pooling;

/// <summary>
/// Objects that cost much to make, connections for example, lent to one user at a time: made when they are needed, up to a number, and kept
/// for the next user. Whoever asks first is served first. All members are safe for any thread and any runspace.
/// </summary>
/// <remarks>
/// Everything that has to do with an object (to make, reset, validate and dispose it) is done by somebody who holds one of as many slots as
/// there may be objects, and nobody who could take one that is there makes another. So there are never more.
/// </remarks>
public sealed partial class AsyncPool : IAsyncDisposable, IDisposable
{
    private readonly object _lock = new();
    private readonly List<(object Value, long Since)> _idle = [];
    private readonly HashSet<object> _broken = new(ReferenceEqualityComparer.Instance);
    private readonly CancellationTokenSource _end = new();
    private readonly PoolOptions _options;
    private readonly FifoSemaphore _slots;
    private ITimer? _timer;
    private bool _filling;
    private int _live;
    private volatile bool _disposed;

    /// <summary>Makes a pool, and begins to make its least number of objects.</summary>
    internal AsyncPool(PoolOptions options)
    {
        _options = options;
        _slots = new FifoSemaphore(options.MaxSize);
        FillUp();
    }

    /// <summary>How many objects there may be.</summary>
    public int MaxSize => _options.MaxSize;

    /// <summary>What its places are held of, as an identity.</summary>
    internal object Places => _options.Places;

    /// <summary>How many objects are kept ready at least, used or not.</summary>
    public int MinSize => _options.MinSize;

    /// <summary>How long an object that is not used is kept; null for ever.</summary>
    public TimeSpan? IdleTimeout => _options.IdleTimeout;

    /// <summary>
    /// Says that an object in use is broken: it is disposed when its user is done with it, and another made when it is needed.
    /// </summary>
    /// <param name="value">The object.</param>
    public void Discard(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            if (InUse > 0)
            {
                _broken.Add(PSObjectExtensions.UnwrapUnlessCustom(value));
            }
        }
    }

    /// <summary>Takes an object if one is there, which need not be validated.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    internal PoolLease? TryAcquire()
    {
        ThrowIfDisposed();
        if (_options.Validate is not null || _slots.TryAcquire() is not { } slot)
        {
            return null;
        }

        if (TryTakeIdle(out object? idle))
        {
            return new PoolLease(this, slot, idle);
        }

        slot.Dispose();
        return null;
    }

    /// <summary>
    /// Takes an object, after all who asked before; makes one if none is there. Completes synchronously if one is, and need not be
    /// validated.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, and the making; then no object was taken.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed, before or meanwhile.</exception>
    internal async ValueTask<PoolLease> AcquireAsync(CancellationToken cancellationToken)
    {
        IDisposable slot;
        try
        {
            slot = await _slots.AcquireAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            throw PoolErrors.PoolDisposed();
        }

        try
        {
            object value = await FindOrMakeAsync(cancellationToken).ConfigureAwait(false);
            var lease = new PoolLease(this, slot, value);
            if (cancellationToken.IsCancellationRequested)
            {
                // Whoever asked may be gone already.
                await lease.ReturnAsync(failed: false).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            return lease;
        }
        catch
        {
            // If the lease has given it back, this does nothing.
            slot.Dispose();
            throw;
        }
    }

    /// <summary>Takes back an object; see <see cref="PoolLease.ReturnAsync"/>.</summary>
    internal async ValueTask ReturnAsync(object value, IDisposable slot, bool failed)
    {
        bool keep;
        lock (_lock)
        {
            keep = !_broken.Remove(value) && !_disposed && (!failed || _options.Validate is not null);
        }

        if (keep && _options.Reset is { } reset)
        {
            keep = await TryAsync(() => reset(value, _end.Token)).ConfigureAwait(false);
        }

        if (!keep || !TryKeep(value))
        {
            await DestroyAsync(value).ConfigureAwait(false);
        }

        slot.Dispose();
        FillUp();
    }

    private async ValueTask<object> FindOrMakeAsync(CancellationToken cancellationToken)
    {
        while (TryTakeIdle(out object? idle))
        {
            if (_options.Validate is not { } validate)
            {
                return idle;
            }

            bool? good = await ValidateAsync(validate, idle, cancellationToken).ConfigureAwait(false);
            if (good == true && !_disposed)
            {
                return idle;
            }

            if (good == false || !TryKeep(idle))
            {
                await DestroyAsync(idle).ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        return await MakeAsync(cancellationToken).ConfigureAwait(false);
    }

    // Null when it was canceled, so that nothing was found out.
    private async ValueTask<bool?> ValidateAsync(
        Func<object, CancellationToken, Task<bool>> validate,
        object value,
        CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        bool good = false;
        bool answered = await TryAsync(async () => good = await validate(value, ending.Token).ConfigureAwait(false)).ConfigureAwait(false);
        return answered || !ending.IsCancellationRequested ? good : null;
    }

    private async Task<object> MakeAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            _live++;
        }

        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
            object value = PSObjectExtensions.UnwrapUnlessCustom(await _options.Create(ending.Token).ConfigureAwait(false));
            Interlocked.Increment(ref _created);
            if (_disposed)
            {
                await DisposeObjectAsync(value).ConfigureAwait(false);
                throw PoolErrors.PoolDisposed();
            }

            return value;
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                _live--;
            }

            if (_disposed)
            {
                throw PoolErrors.PoolDisposed();
            }

            Note(e);
            throw;
        }
    }

    private bool TryTakeIdle([NotNullWhen(true)] out object? value)
    {
        lock (_lock)
        {
            ThrowIfDisposed();

            // The one that was used last, so that the others come of age.
            value = _idle.Count == 0 ? null : _idle[^1].Value;
            if (value is not null)
            {
                _idle.RemoveAt(_idle.Count - 1);
            }

            return value is not null;
        }
    }

    private bool TryKeep(object value)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return false;
            }

            _idle.Add((value, _options.TimeProvider.GetTimestamp()));
            SetTimer();
            return true;
        }
    }

    private async Task DestroyAsync(object value)
    {
        await DisposeObjectAsync(value).ConfigureAwait(false);
        lock (_lock)
        {
            _live--;
        }
    }

    private async Task DisposeObjectAsync(object value)
    {
        Interlocked.Increment(ref _destroyed);
        await TryAsync(() => Disposal.DisposeAsync(value).AsTask()).ConfigureAwait(false);
    }

    private async ValueTask<bool> TryAsync(Func<Task> action)
    {
        try
        {
            await action().ConfigureAwait(false);
            return true;
        }
        catch (Exception e)
        {
            Note(e);
            return false;
        }
    }

    private void ThrowIfDisposed()
    {
        if (_disposed)
        {
            throw PoolErrors.PoolDisposed();
        }
    }
}
