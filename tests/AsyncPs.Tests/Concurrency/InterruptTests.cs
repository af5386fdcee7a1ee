using System.Reflection;
using AsyncPs.Pooling;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>
/// A stopped worker is interrupted while it returns what its item holds: at the lock of the resource, which the test holds. All is back.
/// </summary>
[Collection(nameof(SerialTests))]
public sealed class InterruptTests : IDisposable
{
    // An interrupt comes a tenth of a second after the stop. Long enough for it, and shorter than the grace period.
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(1);

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_permit_is_back()
    {
        using var throttle = new Throttle(1);
        _session.Set("resource", throttle);
        object slots = typeof(Throttle).GetField("_slots", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(throttle)!;

        await InterruptAsync("Use-Throttle $resource { $probe.Pass() }", slots);

        await Condition.UntilAsync(() => throttle.Available == 1, "the permit is back");
    }

    [Fact]
    public async Task An_object_of_a_pool_is_back()
    {
        await _session.RunAsync("$global:resource = New-AsyncPool { [object]::new() } -MaxSize 1");
        var pool = (AsyncPool)(await _session.RunAsync(", $resource")).Output[0]!;

        await InterruptAsync("Use-AsyncPool $resource { $probe.Pass() }", pool);

        await Condition.UntilAsync(() => pool.InUse == 0, "the object is back");
    }

    [Theory]
    [InlineData("Read-AsyncQueue $resource -Count 1 | ForEach-Object { $probe.Pass() }")]
    [InlineData("Read-AsyncQueue $resource -Count 1 -ManualAck | ForEach-Object { $probe.Pass(); $_.Ack() }")]
    [InlineData("Read-AsyncQueue $resource -Count 1 -ManualAck | ForEach-Object { $probe.Pass(); $_.Fail() }")]
    [InlineData("Read-AsyncQueue $resource -Count 1 -ManualAck | ForEach-Object { $probe.Pass(); $_.Nack() }")]
    public async Task An_item_of_a_queue_is_settled(string block)
    {
        var queue = new AsyncQueue();
        Assert.True(queue.TryWrite(1));
        queue.Complete();
        _session.Set("resource", queue);

        await InterruptAsync(block, queue);

        await Condition.UntilAsync(() => queue.InFlight == 0, "the item is done or back");
    }

    private async Task InterruptAsync(string block, object resource)
    {
        object @lock = resource.GetType().GetField("_lock", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(resource)!;
        ScriptRun run = _session.Start($"1 | Invoke-Concurrent {{ {block} }}");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");
        using var stopped = new ManualResetEventSlim();
        using var locked = new ManualResetEventSlim();
        Task holder = Task.Factory.StartNew(
            () =>
            {
                lock (@lock)
                {
                    locked.Set();
                    stopped.Wait(Held);
                }
            },
            TaskCreationOptions.LongRunning);
        Assert.True(locked.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        _session.Probe.Open();
        await Condition.UntilAsync(
            () => _session.Probe.Ended == 1 && (_session.Probe.Runner!.ThreadState & ThreadState.WaitSleepJoin) != 0,
            "the block waits for the lock");

        await run.StopAsync();
        stopped.Set();
        await holder;
    }
}
