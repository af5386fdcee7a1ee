using System.Collections;
using AsyncPs.Commands.Parameters;

namespace AsyncPs.Messaging.Publishing;

/// <summary>
/// What Write-AsyncQueue takes besides for a queue of a broker: the properties of the messages, unless they have their own, and what comes
/// of them.
/// </summary>
public sealed class WriteParameters
{
    /// <summary>Names and values that go with each message. Default: none.</summary>
    [Parameter]
    public IDictionary? Header { get; set; }

    /// <summary>What the bodies are. Default: as they are sent, JSON, text or bytes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ContentType { get; set; }

    /// <summary>How long a message may wait in the queue. Default: for ever.</summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Expiration { get; set; }

    /// <summary>What tells which request an answer belongs to. Default: none; with -Reply, one for each.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CorrelationId { get; set; }

    /// <summary>The queue that answers go to. Default: none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ReplyTo { get; set; }

    /// <summary>What the messages are published under, where the queue has an exchange. Default: none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Topic { get; set; }

    /// <summary>Waits for an answer to each message, and writes it.</summary>
    [Parameter]
    public SwitchParameter Reply { get; set; }
}
