using System.Diagnostics.CodeAnalysis;

namespace AsyncPs.Data.Connections;

/// <summary>Lets one write at a time: SQLite would have the others look again and again.</summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "It never makes a handle, and the last to write may still have to release it when the database has been closed.")]
internal sealed class WriteGate
{
    private readonly SemaphoreSlim _free = new(1, 1);

    /// <summary>Waits until nobody else writes. Disposing the result, once, lets the next one write.</summary>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return new Turn(_free);
    }

    private sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        private int _over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
            {
                free.Release();
            }
        }
    }
}
