using AsyncPs.Tests.Support;

namespace AsyncPs.Tests.Pooling;

/// <summary>Creates tools, and counts the existing ones.</summary>
internal sealed class Workshop
{
    private readonly Highest _mostAlive = new();
    private int _alive;
    private int _clashes;

    public bool Fails { get; set; }

    public bool Yields { get; set; }

    public Task Gate { get; set; } = Task.CompletedTask;

    public int Alive => Volatile.Read(ref _alive);

    public int MostAlive => _mostAlive.Value;

    public int Clashes => Volatile.Read(ref _clashes);

    public async Task<object> MakeAsync(CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken);
        if (Yields)
        {
            await Task.Yield();
        }

        if (Fails)
        {
            throw new IOException("cannot be made");
        }

        _mostAlive.See(Interlocked.Increment(ref _alive));
        return new Tool(this);
    }

    public void Scrap() => Interlocked.Decrement(ref _alive);

    public void Clash() => Interlocked.Increment(ref _clashes);
}

/// <summary>An object of a pool. It reports when two use it at once, or when it is used after its disposal.</summary>
internal sealed class Tool(Workshop workshop) : IAsyncDisposable
{
    private int _users;

    public bool IsGood { get; set; } = true;

    public int Uses { get; set; }

    public bool IsDisposed { get; private set; }

    public void Use()
    {
        Uses++;
        if (Interlocked.Increment(ref _users) != 1 || IsDisposed)
        {
            workshop.Clash();
        }
    }

    public void Release() => Interlocked.Decrement(ref _users);

    public ValueTask DisposeAsync()
    {
        if (IsDisposed || Volatile.Read(ref _users) != 0)
        {
            workshop.Clash();
        }

        IsDisposed = true;
        workshop.Scrap();
        return default;
    }
}
