using AsyncPs.Tests.Messaging.Support;
using RabbitMQ.Client;

namespace AsyncPs.Bench.Messaging;

/// <summary>The RabbitMQ broker for all. It starts when it is first needed, and ends with this process.</summary>
internal sealed class BrokerServer
{
    /// <summary>The queue to write and read, with persistent messages.</summary>
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

    /// <summary>The broker of all benchmarks.</summary>
    public static BrokerServer Shared => Instance.Value;

    /// <summary>Why no broker can run here, or null.</summary>
    public static string? Missing { get; } = RabbitMqNode.FindMissing();

    /// <summary>Its address.</summary>
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

    /// <summary>Fills the queue with exactly this number of messages.</summary>
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
