using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Concurrency;

/// <summary>The scope of running code. It flows from the thread that opens a call to the workers that run the call's items.</summary>
internal abstract class AmbientScope
{
    [ThreadStatic]
    private static AmbientScope? _current;

    /// <summary>The strand that waits until everything in the scope has ended, or null.</summary>
    public CallerLink? Owner { get; init; }

    /// <summary>The command that opened it, or null.</summary>
    public CallSource? Source { get; init; }

    /// <summary>The scope of the code that runs on this thread, or null.</summary>
    public static AmbientScope? Current
    {
        get => _current;
        set => _current = value;
    }
}
