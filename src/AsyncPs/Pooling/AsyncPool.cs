using AsyncPs.Resources;
using AsyncPs.Throttling;

namespace AsyncPs.Pooling;

/// <summary>
/// Lends expensive objects, such as connections, to one user at a time. Objects are created on demand, up to a limit, and kept for the
/// next user. Callers are served in order. All members are safe for any thread and any runspace.
/// </summary>
/// <remarks>
/// There are as many slots as there may be objects. Code that creates, resets, validates or disposes an object holds a slot, and takes
/// an existing object rather than create one. So the limit is never exceeded.
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

    /// <summary>Creates a pool and starts to create its smallest number of objects.</summary>
    internal AsyncPool(PoolOptions options)
    {
        _options = options;
        _slots = new FifoSemaphore(options.MaxSize);
        FillUp();
    }

    /// <summary>The largest number of objects.</summary>
    public int MaxSize => _options.MaxSize;

    /// <summary>The identity of its places, for the detection of deadlocks.</summary>
    internal object Places => _options.Places;

    /// <summary>The smallest number of objects that are kept ready, used or not.</summary>
    public int MinSize => _options.MinSize;

    /// <summary>How long an unused object is kept; null for no limit.</summary>
    public TimeSpan? IdleTimeout => _options.IdleTimeout;

    /// <summary>
    /// Marks an object in use as broken. It is disposed when its user is done with it, and replaced when another is needed.
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

    /// <summary>Takes an object if there is one that need not be validated.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    internal PoolLease? TryAcquire()
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
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
    /// Takes an object in the order of callers, and creates one if there is none. Completes synchronously if there is an object that does
    /// not need validation.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait and the creation; no object is then taken.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed, before or during the wait.</exception>
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
                // The caller may be gone already.
                await lease.ReturnAsync(failed: false).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            return lease;
        }
        catch
        {
            // This does nothing if the lease has already returned the slot.
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

    // Null when it was canceled, so that the result is unknown.
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

            // The one that was used last, so that the others can reach their idle time.
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
