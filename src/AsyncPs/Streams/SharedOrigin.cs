using AsyncPs.Concurrency;

namespace AsyncPs.Streams;

/// <summary>The origin of an element that has become several items: it is done when all are, and goes back if one does.</summary>
internal sealed class SharedOrigin(IItemOrigin origin, int items) : IItemOrigin
{
    private int _left = items;
    private bool _isGivenBack;
    private bool _isSeen;

    /// <inheritdoc/>
    public IReadOnlyList<object> Sources => origin.Sources;

    /// <inheritdoc/>
    public void Finish()
    {
        Volatile.Write(ref _isSeen, true);
        ItemEnded();
    }

    /// <inheritdoc/>
    public void GiveBack(bool seen)
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
            origin.GiveBack(Volatile.Read(ref _isSeen));
        }
        else
        {
            origin.Finish();
        }
    }
}
