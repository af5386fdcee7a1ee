using System.Collections;
using AsyncPs.Commands.Parameters;

namespace AsyncPs.Messaging.Publishing;

/// <summary>
/// The additional parameters of Write-AsyncQueue for a queue of a broker: default properties of the messages, and whether to wait for
/// answers.
/// </summary>
public sealed class WriteParameters
{
    /// <summary>Headers of each message, names and values. Default: none.</summary>
    [Parameter]
    public IDictionary? Header { get; set; }

    /// <summary>The media type of the bodies. Default: the type of JSON, text or bytes, depending on the body.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ContentType { get; set; }

    /// <summary>How long a message may wait in the queue. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Expiration { get; set; }

    /// <summary>The id that connects an answer to its request. Default: none; with -Reply, one for each.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CorrelationId { get; set; }

    /// <summary>The queue for answers. Default: none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ReplyTo { get; set; }

    /// <summary>The topic of the messages, if the queue has an exchange. Default: none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Topic { get; set; }

    /// <summary>Waits for an answer to each message, and writes it.</summary>
    [Parameter]
    public SwitchParameter Reply { get; set; }
}
