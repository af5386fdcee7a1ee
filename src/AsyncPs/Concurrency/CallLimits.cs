namespace AsyncPs.Concurrency;

/// <summary>The bounds of a call: how many items and records it holds at once.</summary>
/// <param name="InFlight">Items that run or are awaited.</param>
/// <param name="Waiting">Items taken from the input that wait to run.</param>
/// <param name="Output">Records that wait to be written.</param>
/// <param name="ReorderWindow">Records held back until the items before them have ended.</param>
internal readonly record struct CallLimits(int InFlight, int Waiting, int Output, int ReorderWindow)
{
    /// <summary>The limits of a call whose items are limited elsewhere and write to their own sinks.</summary>
    public static CallLimits Elsewhere { get; } = new(int.MaxValue, Waiting: 1, Output: 1, ReorderWindow: 1);

    /// <summary>The limits of a call with the given number of items in flight.</summary>
    public static CallLimits For(int inFlight) => new(inFlight, Waiting: 64, Output: 512, ReorderWindow: 4096);
}
