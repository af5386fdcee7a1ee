using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>Items that wait for each other get as many workers as the limit allows, however busy the processors are.</summary>
[Collection(nameof(SerialTests))]
public sealed class BusyProcessorTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Workers_are_added_while_others_keep_the_processors_busy()
    {
        bool stop = false;
        Thread[] others = [.. Enumerable.Range(0, Environment.ProcessorCount * 2).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
            }
        }))];
        Array.ForEach(others, t => t.Start());
        try
        {
            ScriptRun run = await _session.RunAsync(
                "$barrier = [Threading.Barrier]::new(16); 1..16 | Invoke-Concurrent { $args[0].SignalAndWait(25000) } -ThrottleLimit 16 "
                    + "-ArgumentList $barrier");

            Assert.Equal(16, run.Output.Count(true.Equals));
        }
        finally
        {
            Volatile.Write(ref stop, true);
            Array.ForEach(others, t => t.Join());
        }
    }
}
