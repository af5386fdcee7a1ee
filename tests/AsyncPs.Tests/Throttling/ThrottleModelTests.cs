using AsyncPs.Throttling;
using AsyncPs.Tests.Support;
using CsCheck;
using Xunit;

namespace AsyncPs.Tests.Throttling;

/// <summary>Permits that are taken, released and canceled at random, against a model: a number and a list of waiters.</summary>
public sealed class ThrottleModelTests
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private static readonly Gen<(int Operation, int Which)[]> Operations = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9]).Array[1, 60];

    [Fact]
    public Task A_limiter_does_what_its_model_does() => Gen.Select(Gen.Int[1, 3], Operations).SampleAsync(
        RunAsync,
        iter: Stress.Times(300),
        threads: 1);

    private static async Task RunAsync(int limit, (int Operation, int Which)[] operations)
    {
        using var throttle = new Throttle(limit);
        List<ThrottleLease> held = [];
        List<(Task<ThrottleLease> Task, CancellationTokenSource Cancel)> waiting = [];
        int available = limit;
        foreach ((int operation, int which) in operations)
        {
            switch (operation)
            {
                case 0:
                    var cancel = new CancellationTokenSource();
                    Task<ThrottleLease> task = throttle.AcquireAsync(cancel.Token).AsTask();
                    if (available > 0)
                    {
                        available--;
                        held.Add(await task.WaitAsync(WaitLimit));
                    }
                    else
                    {
                        waiting.Add((task, cancel));
                    }

                    break;
                case 1 when held.Count > 0:
                    ThrottleLease lease = held[which % held.Count];
                    held.Remove(lease);
                    lease.Dispose();
                    lease.Dispose();
                    if (waiting.Count > 0)
                    {
                        // Only the longest waiter.
                        held.Add(await waiting[0].Task.WaitAsync(WaitLimit));
                        waiting.RemoveAt(0);
                    }
                    else
                    {
                        available++;
                    }

                    break;
                case 2 when waiting.Count > 0:
                    (Task<ThrottleLease> given, CancellationTokenSource up) = waiting[which % waiting.Count];
                    waiting.RemoveAt(which % waiting.Count);
                    await up.CancelAsync();
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.WaitAsync(WaitLimit));
                    break;
                case 3:
                    Assert.Equal(available > 0, throttle.TryAcquire(out ThrottleLease taken));
                    if (available > 0)
                    {
                        available--;
                        held.Add(taken);
                    }

                    break;
            }

            Assert.Equal((available, waiting.Count), (throttle.Available, throttle.Waiting));
            Assert.All(waiting, static wait => Assert.False(wait.Task.IsCompleted));
        }
    }
}
