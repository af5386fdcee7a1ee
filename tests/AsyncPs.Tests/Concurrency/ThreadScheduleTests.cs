using System.Diagnostics;
using AsyncPs.Concurrency;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>What the system says about threads that wait, that compute, and that would compute.</summary>
[Collection(nameof(SerialTests))]
public sealed class ThreadScheduleTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(1);

    private readonly ManualResetEventSlim _end = new();
    private readonly List<Thread> _threads = [];

    public void Dispose()
    {
        _end.Set();
        _threads.ForEach(static thread => thread.Join());
        _end.Dispose();
    }

    [Fact]
    public async Task A_thread_that_waits_is_not_ready_and_one_that_computes_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells");
        ThreadSchedule waiting = Start(_end.Wait);
        ThreadSchedule computing = Start(Compute);

        await Condition.UntilAsync(() => !waiting.IsReady && computing.IsReady, "one waits and the other computes");
    }

    [Fact]
    public async Task A_thread_that_has_ended_is_not_ready()
    {
        ThreadSchedule ended = Start(static () => { });
        _threads.ForEach(static thread => thread.Join());

        // Join returns while the system still ends the thread.
        await Condition.UntilAsync(() => !ended.IsReady, "the system has ended it");
    }

    [Fact]
    public void A_time_is_without_that_in_which_others_had_the_processors()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells");
        for (int i = 0; i < Environment.ProcessorCount * 8; i++)
        {
            Start(Compute);
        }

        var schedule = ThreadSchedule.Current;
        var clock = Stopwatch.StartNew();
        TimeSpan wall;
        TimeSpan own;
        do
        {
            long started = schedule.Begin();
            SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(200));
            wall = Stopwatch.GetElapsedTime(started);
            own = schedule.ElapsedSince(started, Long);
        }
        while (own > wall / 2 && clock.Elapsed < TimeSpan.FromSeconds(30));

        Assert.InRange(own, TimeSpan.Zero, wall / 2);
    }

    [Fact]
    public void A_time_includes_that_in_which_the_thread_waits()
    {
        var schedule = ThreadSchedule.Current;
        long started = schedule.Begin();

        Thread.Sleep(100);

        Assert.InRange(schedule.ElapsedSince(started, Long), TimeSpan.FromMilliseconds(85), TimeSpan.MaxValue);
    }

    private ThreadSchedule Start(Action run)
    {
        ThreadSchedule? schedule = null;
        using ManualResetEventSlim begun = new();
        Thread thread = new(() =>
        {
            schedule = ThreadSchedule.Current;
            begun.Set();
            run();
        });
        _threads.Add(thread);
        thread.Start();
        begun.Wait(TestContext.Current.CancellationToken);
        return schedule!;
    }

    private void Compute()
    {
        while (!_end.IsSet)
        {
            Thread.SpinWait(1000);
        }
    }
}
