using System.Diagnostics;
using Xunit;

namespace AsyncPs.Tests.Support;

/// <summary>Waits for something to become true; a test never waits for time to pass.</summary>
public static class Condition
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task UntilAsync(Func<bool> condition, string what, TimeSpan? deadline = null)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > (deadline ?? Deadline))
            {
                throw new TimeoutException($"The deadline passed before this was true: {what}.");
            }

            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Until a thread waits for something and a count has not changed over many looks at both.</summary>
    public static Task UntilPausedAsync(Func<Thread?> thread, Func<int> count, string what)
    {
        int looks = 0;
        int last = -1;
        return UntilAsync(
            () =>
            {
                int now = count();
                bool waits = thread() is { } t && (t.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0;
                looks = waits && now == last ? looks + 1 : 0;
                last = now;
                return looks >= 50;
            },
            what);
    }
}
