using System.Diagnostics;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using AsyncPs.Concurrency;
using AsyncPs.Tests.Support;
using AsyncPs.Waiting;
using Xunit;

namespace AsyncPs.Tests.Waiting;

public sealed class WaitSessionTests
{
    [Fact]
    public void Work_that_is_let_go_of_before_it_ends_is_not_watched_any_more()
    {
        var work = new UnendingWork();
        using var session = new WaitSession([work], Timeout.InfiniteTimeSpan, endsAtFailure: true, CancellationToken.None);

        work.Dispose();

        Assert.False(session.IsOver);
        Assert.InRange(work.Looks, 1, 5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_failure_ends_the_wait_whenever_it_comes(bool before)
    {
        var end = new TaskCompletionSource();
        if (before)
        {
            end.SetException(new InvalidOperationException());
        }

        var work = new TaskWork(end.Task, end.Task);
        using var session = new WaitSession([work], Timeout.InfiniteTimeSpan, endsAtFailure: true, CancellationToken.None);
        end.TrySetException(new InvalidOperationException());

        Assert.True(session.IsOver);
    }

    [Theory]
    [InlineData("task")]
    [InlineData("job")]
    [InlineData("job with a task")]
    [InlineData("process")]
    public async Task Nothing_of_a_wait_stays_with_what_goes_on(string kind)
    {
        Assert.SkipWhen(kind == "process" && OperatingSystem.IsWindows(), "It runs sleep.");
        var end = new TaskCompletionSource();
        using var job = new TestJob("job", JobState.Running, []);
        using Process? process = kind == "process" ? Process.Start("sleep", "1000") : null;
        try
        {
            WeakReference[] left = WaitInVain(() => kind switch
            {
                "task" => new TaskWork(end.Task, end.Task),
                "process" => new ProcessWork(process!),
                "job" => new JobWork(job, null, static (_, _) => { }),
                _ => new JobWork(job, end.Task, static (_, _) => { }),
            });

            await Condition.UntilAsync(
                () =>
                {
                    GC.Collect();
                    return Array.TrueForAll(left, static reference => !reference.IsAlive);
                },
                "the wait and its watch are gone");
        }
        finally
        {
            process?.Kill();
        }

        GC.KeepAlive(end);
    }

    // Not inlined, because variables of the caller would keep the objects alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] WaitInVain(Func<WaitedWork> create)
    {
        using WaitedWork work = create();
        using var session = new WaitSession([work], Timeout.InfiniteTimeSpan, endsAtFailure: true, CancellationToken.None);
        Task<Task> waiting = session.UntilEndedAsync(work);
        session.End();
        Assert.True(waiting.Wait(Condition.Deadline));
        return [new WeakReference(session), new WeakReference(work), new WeakReference(work.Ended)];
    }

    private sealed class UnendingWork() : WaitedWork("source")
    {
        private int _looks;

        public int Looks => Volatile.Read(ref _looks);

        public override string Name => "It";

        public override bool IsCompleted
        {
            get
            {
                Interlocked.Increment(ref _looks);
                return false;
            }
        }

        public override ConcurrentStatus Status => ConcurrentStatus.Succeeded;

        public override void Read(Action<StreamRecord> write)
        {
        }

        protected override Task WhenEnded()
        {
            var end = new TaskCompletionSource();
            Leaving.Register(() => end.TrySetCanceled());
            return end.Task;
        }
    }
}
