using Microsoft.Extensions.Time.Testing;

namespace AsyncPs.Tests.Support;

public static class FakeTimeExtensions
{
    /// <summary>Goes on, step by step, until something is true: a timer may be set a little after the test knows that it will be.</summary>
    public static Task AdvanceUntilAsync(this FakeTimeProvider time, TimeSpan step, Func<bool> condition, string what)
        => Condition.UntilAsync(
            () =>
            {
                time.Advance(step);
                return condition();
            },
            what);
}
