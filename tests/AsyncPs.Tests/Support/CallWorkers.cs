using AsyncPs.Inspection;

namespace AsyncPs.Tests.Support;

/// <summary>The workers that serve particular calls, whatever other tests do with the pool of the process meanwhile.</summary>
internal static class CallWorkers
{
    /// <summary>How many workers the calls have whose line contains a text. 0 also if there is no such call.</summary>
    public static int Of(string text)
        => CallInspector.Inspect().Where(call => call.Text.Contains(text, StringComparison.Ordinal)).Sum(static call => call.Workers);
}
