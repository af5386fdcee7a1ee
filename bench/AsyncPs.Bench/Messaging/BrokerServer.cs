using AsyncPs.Tests.Messaging.Support;
using RabbitMQ.Client;

namespace AsyncPs.Bench.Messaging;

/// <summary>The RabbitMQ that all are measured against, started when it is first needed; it ends with this process.</summary>
internal sealed class BrokerServer
{
    /// <summary>The queue that is written and read, with messages that outlive the broker.</summary>
    public const string Queue = "bench";

    private static readonly Lazy<BrokerServer> Instance = new(static () => new BrokerServer());

    private readonly RabbitMqNode _node;

    private BrokerServer()
    {
        _node = RabbitMqNode.CreateAsync().GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => _node.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Connection = new ConnectionFactory { Uri = new Uri(_node.Address) }.CreateConnectionAsync().GetAwaiter().GetResult();
        using IChannel channel = Connection.CreateChannelAsync().GetAwaiter().GetResult();
        channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false).GetAwaiter().GetResult();
    }

    /// <summary>The one that all benchmarks share.</summary>
    public static BrokerServer Shared => Instance.Value;

    /// <summary>Why there can be none here, or null.</summary>
    public static string? Missing { get; } = RabbitMqNode.FindMissing();

    /// <summary>Where it listens.</summary>
    public int Port => _node.Port;

    /// <summary>A connection without the module.</summary>
    public IConnection Connection { get; }

    /// <summary>A session with both modules and <c>$address</c>.</summary>
    public Session NewSession()
    {
        var session = new Session();
        session.Run($"Import-Module '{Session.MessagingModulePath}'");
        session.Set("address", _node.Address);
        return session;
    }

    /// <summary>Has exactly so many messages in the queue.</summary>
    public void Fill(int count)
    {
        using (IChannel channel = Connection.CreateChannelAsync().GetAwaiter().GetResult())
        {
            channel.QueuePurgeAsync(Queue).GetAwaiter().GetResult();
        }

        if (count > 0)
        {
            RabbitMqLoops.Publish(count);
        }
    }
}
