namespace AsyncPs.Tests.Support;

/// <summary>What scripts call to be observed and held up: counts, the highest concurrency, and a gate. Public for the scripts.</summary>
public sealed class Probe
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Highest _highest = new();
    private int _running;
    private int _ended;
    private int _produced;
    private Thread? _producer;
    private Thread? _runner;

    /// <summary>How many bodies are between <see cref="Enter"/> and <see cref="Exit"/>.</summary>
    public int Running => Volatile.Read(ref _running);

    public int Highest => _highest.Value;

    /// <summary>How many bodies have called <see cref="Exit"/>.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>How many times <see cref="Produce"/> was called.</summary>
    public int Produced => Volatile.Read(ref _produced);

    /// <summary>The thread that last called <see cref="Produce"/>.</summary>
    public Thread? Producer => Volatile.Read(ref _producer);

    /// <summary>The thread that last called <see cref="Enter"/>.</summary>
    public Thread? Runner => Volatile.Read(ref _runner);

    public void Enter()
    {
        Volatile.Write(ref _runner, Thread.CurrentThread);
        _highest.See(Interlocked.Increment(ref _running));
    }

    public void Exit()
    {
        Interlocked.Decrement(ref _running);
        Interlocked.Increment(ref _ended);
    }

    /// <summary>Waits for the gate, as a body that is being observed.</summary>
    public void Pass()
    {
        Enter();
        Hold();
        Exit();
    }

    public void Produce()
    {
        Volatile.Write(ref _producer, Thread.CurrentThread);
        Interlocked.Increment(ref _produced);
    }

    /// <summary>Waits for the gate.</summary>
    public void Hold() => _gate.Task.Wait();

    /// <summary>Waits until the thread is interrupted, which happens to an item once its stop has reached it.</summary>
    public void HoldUntilInterrupted()
    {
        Enter();
        try
        {
            Thread.Sleep(Timeout.Infinite);
        }
        catch (ThreadInterruptedException)
        {
            // The item goes on.
        }
    }

    /// <summary>Waits for the gate as native code does: neither a stop nor an interrupt of the thread ends it.</summary>
    public void HoldAsNativeCode()
    {
        Enter();
        while (true)
        {
            try
            {
                Hold();
                Exit();
                return;
            }
            catch (ThreadInterruptedException)
            {
                // Native code goes on.
            }
        }
    }

    /// <summary>Is counted as running until the gate opens, on no thread.</summary>
    public async Task EnterAsync()
    {
        Enter();
        await _gate.Task;
        Exit();
    }

    public void Open() => _gate.TrySetResult();
}
