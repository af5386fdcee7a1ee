using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging.Commands;

/// <summary>
/// Connects to a queue of a message broker, or to an exchange (aio-pika's <c>connect_robust</c> and <c>declare_queue</c>), for the queue
/// cmdlets to use.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "AsyncMessageQueue")]
[OutputType(typeof(AsyncMessageQueue))]
public sealed class ConnectAsyncMessageQueueCommand : AsyncCommand
{
    /// <summary>
    /// The address of RabbitMQ: <c>amqp://host</c>, <c>amqps://host/vhost</c>. Several addresses are the nodes of one cluster, which are
    /// tried one after another.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BrokerAddressCompleter))]
    public string[] RabbitMq { get; set; } = [];

    /// <summary>
    /// The queue, created if it is missing. Default: with <c>-Topic</c> a private one, which ends with the connection; otherwise none.
    /// </summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ValidateLength(1, 255)]
    [ArgumentCompleter(typeof(QueueNameCompleter))]
    public string? Queue { get; set; }

    /// <summary>The exchange for publishing, created if it is missing. Default: none; messages are written to the queue itself.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateLength(1, 255)]
    public string? Exchange { get; set; }

    /// <summary>Which queues get what is published on the exchange. Default: those whose topic matches.</summary>
    [Parameter]
    public ExchangeKind ExchangeKind { get; set; }

    /// <summary>The topics to subscribe to on the exchange: <c>orders.*</c>, <c>#</c>. Default: none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Topic { get; set; } = [];

    /// <summary>The user to log in, instead of the one of the address.</summary>
    [Parameter]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>How many unacknowledged messages the broker delivers ahead. Default: 50.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Prefetch { get; set; } = 50;

    /// <summary>Whether the queue and its messages survive a restart of the broker. Default: on.</summary>
    [Parameter]
    public SwitchParameter Durable { get; set; } = true;

    /// <summary>Whether failed messages are kept, in a queue with the suffix <c>.dead</c>. Default: on.</summary>
    [Parameter]
    public SwitchParameter DeadLetter { get; set; } = true;

    /// <summary>Creates a replicated queue, which also counts deliveries exactly.</summary>
    [Parameter]
    public SwitchParameter Quorum { get; set; }

    /// <summary>Uses the queue and the exchange as they are; they must exist.</summary>
    [Parameter]
    public SwitchParameter Existing { get; set; }

    /// <summary>How many priorities the queue has above the normal one. Default: 0; no priorities.</summary>
    [Parameter]
    [ValidateRange(0, 255)]
    public int MaxPriority { get; set; }

    /// <summary>How long a failed message waits before it is delivered again. Default: it is not.</summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? RetryDelay { get; set; }

    /// <summary>The largest number of deliveries of a message. Default: no limit; with <c>-RetryDelay</c>, 5.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxDeliveries { get; set; }

    /// <summary>The format of bodies. Default: according to their content type.</summary>
    [Parameter]
    public BodyFormat As { get; set; }

    /// <summary>Gives readers messages with properties instead of bodies.</summary>
    [Parameter]
    public SwitchParameter AsMessage { get; set; }

    /// <summary>How long a lost connection may be down before readers and writers fail. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan ReconnectTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Accepts any certificate of the server. For tests.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    private const int DefaultMaxDeliveries = 5;

    /// <inheritdoc/>
    private protected override void End()
    {
        Check();
        var settings = new QueueSettings
        {
            Name = Queue,
            Exchange = Exchange,
            ExchangeKind = ExchangeKind,
            Topics = Topic,
            IsDurable = Durable,
            IsQuorum = Quorum,
            MaxPriority = MaxPriority,
            IsExisting = Existing,
            HasDeadLetters = DeadLetter && Queue is not null,
        };
        var options = new MessageQueueOptions
        {
            Prefetch = Prefetch,
            MaxDeliveries = MaxDeliveries > 0 ? MaxDeliveries : RetryDelay is null ? 0 : DefaultMaxDeliveries,
            RetryDelay = RetryDelay,
            ReconnectTimeout = ReconnectTimeout,
            Format = As,
            AsMessage = AsMessage,
        };
        RabbitMqSettings address = RabbitMqAddress.Read(RabbitMq) with { Queue = settings, SkipsCertificateCheck = SkipCertificateCheck };
        if (Credential is not null)
        {
            address = address with { UserName = Credential.UserName, Password = Credential.GetNetworkCredential().Password };
        }

        var queue = new AsyncMessageQueue(DriverLoader.Current.OpenRabbitMq(address), settings, options);
        try
        {
            Wait(queue.OpenAsync(StopToken));
        }
        catch (MessagingException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
        }

        WriteObject(queue);
    }

    private void Check()
    {
        string? wrong = Queue is null && Exchange is null
                ? "Use -Queue, to read and write a queue, or -Exchange, to publish and subscribe."
            : Exchange is null && Topic.Length > 0 ? "-Topic subscribes on an -Exchange. Add -Exchange, or leave -Topic out."
            : Exchange is not null && ExchangeKind == ExchangeKind.Direct
                && Topic.Any(static topic
                => topic.Contains('*', StringComparison.Ordinal) || topic.Contains('#', StringComparison.Ordinal))
                ? "-Topic: an exchange of the kind Direct has no patterns. Use exact topics, or -ExchangeKind Topic."
            : Quorum && !Durable ? "-Quorum queues are always durable. Leave out -Durable:$false."
            : Quorum && MaxPriority > 0 ? "-Quorum queues have no priorities. Leave out -MaxPriority or -Quorum."
            : Queue is null && (Quorum || MaxPriority > 0 || RetryDelay is not null) ? "-Quorum, -MaxPriority and -RetryDelay are for a "
                + "queue that has a name. Add -Queue."
            : Existing && (Quorum || MaxPriority > 0) ? "-Existing takes the queue as it is: -Quorum and -MaxPriority say how one is "
                + "made. Leave them out."
            : null;
        if (wrong is not null)
        {
            throw MessagingErrors.ArgumentInvalid(wrong);
        }
    }
}
