namespace AsyncPs.Remote;

/// <summary>
/// Decides how many items of a call a remote worker gets at once. The round trip costs more than a short item, so short items go in
/// batches, and the worker has the next batch before it finishes the current one. A long item goes alone, to the next free worker.
/// </summary>
internal sealed class BatchSize
{
    /// <summary>The most items of a batch.</summary>
    public const int Max = 64;

    // The time a batch should take, in milliseconds. Between two batches, a worker needs up to half a millisecond.
    private const double Aim = 25;

    // No item waits behind one that takes longer, in milliseconds: the round trip is a hundredth of it.
    private const double Long = 50;

    private readonly object _lock = new();
    private double _each = double.PositiveInfinity;
    private int _items = 1;

    /// <summary>The number of items of the next batch.</summary>
    public int Items => Volatile.Read(ref _items);

    /// <summary>How many batches a worker may have: the one it runs, and perhaps the next.</summary>
    public int Batches => Volatile.Read(ref _each) < Long ? 2 : 1;

    /// <summary>Records how long a batch took.</summary>
    /// <param name="items">How many items it had.</param>
    /// <param name="time">How long it took.</param>
    public void Note(int items, TimeSpan time)
    {
        double each = time.TotalMilliseconds / items;
        lock (_lock)
        {
            // A longer batch counts more: several long items must not go to one worker.
            double weight = each < _each ? 0.75 : 0.5;
            _each = double.IsInfinity(_each) ? each : (each * weight) + (_each * (1 - weight));
            _items = (int)Math.Clamp(Math.Min(Aim / _each, _items * 2), 1, Max);
        }
    }

    /// <summary>Starts again with one item at a time.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _each = double.PositiveInfinity;
            _items = 1;
        }
    }
}
