using System.Management.Automation;
using AsyncPs.Messaging;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging.Support;

/// <summary>A broker for all tests. Without an installed RabbitMQ, tests are skipped.</summary>
public sealed class RabbitMqBroker : IAsyncLifetime
{
    private RabbitMqNode? _node;

    /// <summary>Why no broker can run here, or null.</summary>
    public string? Missing { get; } = RabbitMqNode.FindMissing();

    public RabbitMqNode Node => _node!;

    public async ValueTask InitializeAsync()
    {
        if (Missing is null)
        {
            _node = await RabbitMqNode.CreateAsync();
        }
    }

    public ValueTask DisposeAsync() => _node?.DisposeAsync() ?? default;
}

/// <summary>Tests that share the broker. They run one at a time, because some end it.</summary>
[CollectionDefinition(nameof(RabbitMqTests))]
public sealed class RabbitMqTests : ICollectionFixture<RabbitMqBroker>;

/// <summary>
/// A session with the address <c>$broker</c> and the name <c>$name</c> of a queue for this test. All queues are closed at the end.
/// </summary>
[Collection(nameof(RabbitMqTests))]
public abstract class MessagingTest : IDisposable
{
    /// <summary>The queue <c>$mq</c>.</summary>
    protected const string Mq = "$global:mq = Connect-AsyncMessageQueue $broker -Queue $name\n";

    // On a busy machine a broker needs time to start again.
    protected static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(3);

    protected MessagingTest(RabbitMqBroker broker)
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        Broker = broker;
        Session.Set("broker", broker.Node.Address);
        Session.Set("name", Name);
    }

    protected RabbitMqBroker Broker { get; }

    protected string Name { get; } = "q" + Guid.NewGuid().ToString("N")[..12];

    protected ModuleSession Session { get; } = new(BuiltModule.MessagingManifest);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        OpenQueues.Close();
        Session.Dispose();
    }

    /// <summary>Runs a script without errors.</summary>
    protected async Task<IReadOnlyList<PSObject>> RunAsync(string script)
    {
        ScriptRun run = await Session.RunAsync(script, WaitLimit);
        Assert.Empty(run.Errors);
        return [.. run.Records];
    }

    /// <summary>The output of a script without errors, as text.</summary>
    protected async Task<string> TextAsync(string script)
        => string.Join(" ", (await RunAsync(script)).Select(static o => o?.ToString() ?? "null"));

    /// <summary>The queue that a script creates.</summary>
    protected async Task<AsyncMessageQueue> QueueAsync(string script) => (AsyncMessageQueue)(await RunAsync(script))[0].BaseObject;

    /// <summary>The errors of a script that continues after them.</summary>
    protected async Task<ErrorRecord[]> ErrorsAsync(string script) => [.. (await Session.RunAsync(script, WaitLimit)).Errors];
}
