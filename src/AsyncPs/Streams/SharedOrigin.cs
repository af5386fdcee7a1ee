using AsyncPs.Concurrency;

namespace AsyncPs.Streams;

/// <summary>
/// The origin of an element that has become several items. The element is returned if one of them is; otherwise it has failed if one has;
/// otherwise it is done when all are.
/// </summary>
internal sealed class SharedOrigin(IItemOrigin origin, int items) : IItemOrigin
{
    private int _left = items;
    private bool _isGivenBack;
    private bool _isSeen;
    private bool _hasFailed;
    private ErrorRecord? _error;

    /// <inheritdoc/>
    public IReadOnlyList<object> Sources => origin.Sources;

    /// <inheritdoc/>
    public void Finish()
    {
        Volatile.Write(ref _isSeen, true);
        ItemEnded();
    }

    /// <inheritdoc/>
    public void Fail(ErrorRecord? error)
    {
        Volatile.Write(ref _error, error);
        Volatile.Write(ref _hasFailed, true);
        Finish();
    }

    /// <inheritdoc/>
    public void Return(bool seen)
    {
        Volatile.Write(ref _isGivenBack, true);
        if (seen)
        {
            Volatile.Write(ref _isSeen, true);
        }

        ItemEnded();
    }

    private void ItemEnded()
    {
        if (Interlocked.Decrement(ref _left) > 0)
        {
            return;
        }

        if (Volatile.Read(ref _isGivenBack))
        {
            origin.Return(Volatile.Read(ref _isSeen));
        }
        else if (Volatile.Read(ref _hasFailed))
        {
            origin.Fail(Volatile.Read(ref _error));
        }
        else
        {
            origin.Finish();
        }
    }
}
