using System.Diagnostics;
using AsyncPs.Throttling;

namespace AsyncPs.Bench.Cases;

/// <summary>The cost of a throttle, and the exactness of its rates.</summary>
internal static class ThrottleCases
{
    private const int Calls = 200_000;

    public static IEnumerable<Benchmark> All()
    {
        yield return new Benchmark(
            "a throttle's permit, uncontended",
            "ns",
            new Contestant("Throttle", UncontendedThrottle),
            [new Contestant("SemaphoreSlim", UncontendedSemaphore)],
            Bar: null);
        yield return new Benchmark(
            "a throttle's permit, 64 after 8",
            "ns",
            new Contestant("Throttle", ContendedThrottle),
            [new Contestant("SemaphoreSlim", ContendedSemaphore)],
            Bar: null);
        foreach (double rate in (double[])[10, 1000, 20_000])
        {
            yield return new Benchmark(
                $"off {rate:N0} a second over 10 s, 64 waiting",
                "×",
                new Contestant("Throttle", () => Deviation(rate)),
                [new Contestant("exact", static () => 1)],
                Bar: 1.02,
                MaxRounds: 1);
        }
    }

    private static double UncontendedThrottle()
    {
        using var throttle = new Throttle(limit: 8);
        return Nanoseconds(() =>
        {
            for (int i = 0; i < Calls; i++)
            {
                throttle.AcquireAsync().AsTask().Result.Dispose();
            }
        });
    }

    private static double UncontendedSemaphore()
    {
        using var semaphore = new SemaphoreSlim(8);
        return Nanoseconds(() =>
        {
            for (int i = 0; i < Calls; i++)
            {
                semaphore.WaitAsync().Wait();
                semaphore.Release();
            }
        });
    }

    private static double ContendedThrottle()
    {
        using var throttle = new Throttle(limit: 8);
        return Nanoseconds(() => AllAtOnce(async () =>
        {
            using ThrottleLease lease = await throttle.AcquireAsync();
            await Task.Yield();
        }));
    }

    private static double ContendedSemaphore()
    {
        using var semaphore = new SemaphoreSlim(8);
        return Nanoseconds(() => AllAtOnce(async () =>
        {
            await semaphore.WaitAsync();
            await Task.Yield();
            semaphore.Release();
        }));
    }

    private static void AllAtOnce(Func<Task> one) => Task.WaitAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
    {
        for (int i = 0; i < Calls / 64; i++)
        {
            await one();
        }
    })).ToArray());

    private static double Nanoseconds(Action calls)
    {
        long start = Stopwatch.GetTimestamp();
        calls();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls;
    }

    private static double Deviation(double rate)
    {
        using var throttle = new Throttle(perSecond: rate);
        using var stop = new CancellationTokenSource();
        int granted = 0;
        async Task TakeAsync()
        {
            try
            {
                while (true)
                {
                    await throttle.AcquireAsync(stop.Token);
                    Interlocked.Increment(ref granted);
                }
            }
            catch (OperationCanceledException)
            {
                // The time is over.
            }
        }

        long start = Stopwatch.GetTimestamp();
        Task[] consumers = [.. Enumerable.Range(0, 64).Select(_ => Task.Run(TakeAsync))];
        Thread.Sleep(TimeSpan.FromSeconds(10));
        double ideal = rate * Stopwatch.GetElapsedTime(start).TotalSeconds;
        double ratio = Volatile.Read(ref granted) / ideal;
        stop.Cancel();
        Task.WaitAll(consumers);
        return Math.Max(ratio, 1 / ratio);
    }
}
