using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using AsyncPs.Queues;

namespace AsyncPs.Bench.Cases;

/// <summary>
/// The cost of an item in a bounded queue, with one writer and one reader, and with eight each. Between pipelines, the queue is compared
/// with what scripts have without the module; between tasks, with asyncio's queue and a bare channel.
/// </summary>
internal static class QueueCases
{
    private const int Items = 400_000;
    private const int Capacity = 1000;

    public static IEnumerable<Benchmark> All()
    {
        foreach (int sides in (int[])[1, 8])
        {
            Contestant pipelines = new("Write- and Read-AsyncQueue", () => Pipelines(sides));
            Contestant tasks = new("AsyncQueue", () => Tasks(sides, new AsyncQueue(capacity: Capacity)));
            Contestant channel = new("Channel<object> of .NET, in C#", () => Tasks(sides, Channel.CreateBounded<object?>(Capacity)));
            string scale = $"{sides} to {sides}";
            yield return new Benchmark(
                $"queue, pipeline to pipeline, {scale}",
                "µs",
                pipelines,
                [
                    new Contestant("allowed", static () => 1.5),
                    new Contestant("BlockingCollection in scripts", () => Collection(sides)),
                    channel,
                ],
                Bar: 1);
            Contestant asyncio = PythonPeer.Create(
                "asyncio.Queue",
                ["asyncio"],
                () => ["queue_items.py", Text(Items), Text(sides), Text(Capacity)],
                bar: null);
            yield return new Benchmark($"queue, task to task, {scale}, against asyncio", "µs", tasks, [asyncio, channel], Bar: 1 / 3.0);
            yield return new Benchmark($"queue, pipeline to pipeline, {scale}, against asyncio", "µs", pipelines, [asyncio], Bar: null);
        }
    }

    private static double Pipelines(int sides)
    {
        var queue = new AsyncQueue(capacity: Capacity);
        return Scripts(sides, queue, $"1..{Items / sides} | Write-AsyncQueue $q", "Read-AsyncQueue $q | Out-Null", queue.Complete);
    }

    private static double Collection(int sides)
    {
        using var collection = new BlockingCollection<object>(Capacity);
        return Scripts(
            sides,
            collection,
            $"foreach ($i in 1..{Items / sides}) {{ $q.Add($i) }}",
            "foreach ($i in $q.GetConsumingEnumerable()) { $null = $i }",
            _ => collection.CompleteAdding());
    }

    // Sessions and their first pipelines are not measured: all wait for the start.
    private static double Scripts(int sides, object queue, string write, string read, Action<Exception?> complete)
    {
        using var start = new ManualResetEventSlim();
        var sessions = Enumerable.Range(0, sides * 2).Select(_ => SidePool.Take()).ToArray();
        using var ready = new CountdownEvent(sessions.Length);
        Action wait = () =>
        {
            ready.Signal();
            start.Wait();
        };
        Task[] readers = [.. sessions[..sides].Select(session => Task.Run(() => session.Run(
            "$wait.Invoke(); " + read,
            ("q", queue),
            ("wait", wait))))];
        Task[] writers = [.. sessions[sides..].Select(session => Task.Run(() => session.Run(
            "$wait.Invoke(); " + write,
            ("q", queue),
            ("wait", wait))))];
        ready.Wait();
        long begin = Stopwatch.GetTimestamp();
        start.Set();
        Task.WaitAll(writers);
        complete(null);
        Task.WaitAll(readers);
        double elapsed = PerItem(begin);
        Array.ForEach(sessions, SidePool.Return);
        return elapsed;
    }

    private static double Tasks(int sides, AsyncQueue queue)
    {
        return Tasks(sides, WriteAsync, ReadAsync);

        async Task WriteAsync()
        {
            for (int i = 0; i < Items / sides; i++)
            {
                await queue.WriteAsync(i);
            }
        }

        // As in asyncio: get, then task_done.
        async Task ReadAsync()
        {
            for (int i = 0; i < Items / sides; i++)
            {
                (await queue.ReadItemAsync()).Ack();
            }
        }
    }

    private static double Tasks(int sides, Channel<object?> channel)
    {
        return Tasks(sides, WriteAsync, ReadAsync);

        async Task WriteAsync()
        {
            for (int i = 0; i < Items / sides; i++)
            {
                await channel.Writer.WriteAsync(i);
            }
        }

        async Task ReadAsync()
        {
            for (int i = 0; i < Items / sides; i++)
            {
                await channel.Reader.ReadAsync();
            }
        }
    }

    private static double Tasks(int sides, Func<Task> write, Func<Task> read)
    {
        long begin = Stopwatch.GetTimestamp();
        Task.WaitAll([.. Enumerable.Range(0, sides).SelectMany(_ => (Task[])[Task.Run(write), Task.Run(read)])]);
        return PerItem(begin);
    }

    private static double PerItem(long begin) => Stopwatch.GetElapsedTime(begin).TotalMicroseconds / Items;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Sessions for writers and readers, created once.</summary>
    private static class SidePool
    {
        private static readonly ConcurrentBag<Session> Free = [];

        public static Session Take() => Free.TryTake(out Session? session) ? session : new Session();

        public static void Return(Session session) => Free.Add(session);
    }
}
