using System.Diagnostics.CodeAnalysis;

namespace AsyncPs.Data.Connections;

/// <summary>Allows one write at a time. SQLite would make the other writers poll.</summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "It never makes a handle, and the last to write may still have to release it when the database has been closed.")]
internal sealed class WriteGate
{
    private readonly SemaphoreSlim _free = new(1, 1);

    /// <summary>Waits until there is no other writer. Disposing the result, once, admits the next one.</summary>
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
