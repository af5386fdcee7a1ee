using AsyncPs.Concurrency;
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
