using System.Globalization;

namespace AsyncPs.Bench.Messaging;

/// <summary>
/// A RabbitMQ that is written, each message confirmed, and read, each message acknowledged. Where none is installed there are no such
/// cases.
/// </summary>
internal static class MessagingCases
{
    private const int Messages = 20_000;

    // They take a few tenths of a second if each waits for an answer of the broker.
    private const int OneByOne = 3000;
    private const int ConfirmedOneByOne = 300;

    // At least 0.8 of the speed of the client alone.
    private const double Bar = 1 / 0.8;

    public static IEnumerable<Benchmark> All()
    {
        if (BrokerServer.Missing is not null)
        {
            yield break;
        }

        var session = new Lazy<Session>(static () => BrokerServer.Shared.NewSession());
        yield return new Benchmark(
            "RabbitMQ: publish with confirms",
            "µs",
            new Contestant("Write-AsyncQueue", () => Publish(session.Value)),
            [
                new Contestant("RabbitMQ.Client, in C#", static () => Filled(0, static () => RabbitMqLoops.Publish(Messages))),
                Python("aio-pika", "aio_pika", "aio_pika_client.py", "publish", Messages, prefetch: 0, filled: 0),
                Python("pika", "pika", "pika_client.py", "publish", ConfirmedOneByOne, prefetch: 0, filled: 0),
            ],
            Bar,
            MaxRounds: 9);
        foreach (int prefetch in (int[])[1, 50, 500])
        {
            int count = prefetch == 1 ? OneByOne : Messages;
            yield return new Benchmark(
                $"RabbitMQ: consume with acknowledgements, prefetch {prefetch}",
                "µs",
                new Contestant(
                    "Read-AsyncQueue",
                    () => Consume(session.Value, count, prefetch, $"Read-AsyncQueue $mq -Count {count}")),
                [
                    new Contestant(
                        "RabbitMQ.Client, in C#",
                        () => Filled(count, () => RabbitMqLoops.Consume(count, prefetch))),
                    Python("aio-pika", "aio_pika", "aio_pika_client.py", "consume", count, prefetch, filled: count),
                    Python("pika", "pika", "pika_client.py", "consume", count, prefetch, filled: count),
                ],
                Bar,
                MaxRounds: 9);
        }

        yield return new Benchmark(
            "RabbitMQ: a block for each message, 8 at once, prefetch 50",
            "µs",
            new Contestant(
                "Invoke-Concurrent -InputStream",
                () => Consume(
                    session.Value,
                    Messages,
                    prefetch: 50,
                    $"Invoke-Concurrent {{ $_.Length }} -InputStream $mq -ThrottleLimit 8 | Select-Object -First {Messages}")),
            [new Contestant("RabbitMQ.Client, in C#", static () => Filled(Messages, static () => RabbitMqLoops.Consume(Messages, 50)))],
            Bar,
            MaxRounds: 9);
    }

    private static double Publish(Session session)
    {
        BrokerServer.Shared.Fill(0);
        session.Set("messages", Enumerable.Repeat<object>(RabbitMqLoops.Body, Messages).ToArray());
        return Connected(session, 1, "$messages | Write-AsyncQueue $mq") * 1000 / Messages;
    }

    private static double Consume(Session session, int count, int prefetch, string script)
        => Filled(count, () => Connected(session, prefetch, script) * 1000 / count);

    // A new connection each time, which has not fetched messages ahead.
    private static double Connected(Session session, int prefetch, string script)
    {
        session.Run($"$global:mq = Connect-AsyncMessageQueue $address -Queue {BrokerServer.Queue} -Prefetch {prefetch}");
        double elapsed = session.Time(script);
        session.Run("$mq.Dispose()");
        return elapsed;
    }

    private static double Filled(int count, Func<double> measure)
    {
        BrokerServer.Shared.Fill(count);
        return measure();
    }

    private static Contestant Python(string name, string package, string program, string act, int count, int prefetch, int filled)
    {
        return PythonPeer.Create(
            name,
            [package],
            () =>
            {
                BrokerServer.Shared.Fill(filled);
                return [program, Text(BrokerServer.Shared.Port), BrokerServer.Queue, act, Text(count), Text(prefetch)];
            },
            bar: null);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
