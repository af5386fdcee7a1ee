using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging.Publishing;

/// <summary>A message of a writer that waits to be sent or confirmed.</summary>
/// <param name="publisher">Who sends it.</param>
/// <param name="owner">Who is to know what became of it.</param>
internal sealed class QueuedMessage(Publisher publisher, IMessageOwner owner) : OutgoingMessage
{
    /// <summary>Who is to know what became of it.</summary>
    public IMessageOwner Owner => owner;

    /// <summary>What was written, as errors show it.</summary>
    public object? Item { get; init; }

    /// <summary>Whether an answer to it is waited for.</summary>
    public bool IsRequest { get; init; }

    /// <summary>Its place among those that are not confirmed.</summary>
    public LinkedListNode<QueuedMessage>? Node { get; set; }

    /// <summary>It is not sent again.</summary>
    public void Unpark() => publisher.TryWithdraw(this);

    /// <inheritdoc/>
    public override void Ended(SendResult result) => publisher.Ended(this, result);
}

/// <summary>Who is to know what became of a message. Any thread.</summary>
internal interface IMessageOwner
{
    /// <summary>The broker has it, or it is known why not.</summary>
    void Ended(QueuedMessage message, ErrorRecord? error);

    /// <summary>The session was lost after it was confirmed: no answer will come.</summary>
    void AnswerLost(QueuedMessage message);
}
