using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging.Publishing;

/// <summary>A message of a writer that waits to be sent or confirmed.</summary>
/// <param name="publisher">Its publisher.</param>
/// <param name="owner">Notified of its outcome.</param>
internal sealed class QueuedMessage(Publisher publisher, IMessageOwner owner) : OutgoingMessage
{
    /// <summary>Notified of its outcome.</summary>
    public IMessageOwner Owner => owner;

    /// <summary>The written object, as errors show it.</summary>
    public object? Item { get; init; }

    /// <summary>Whether it is a request that waits for an answer.</summary>
    public bool IsRequest { get; init; }

    /// <summary>Its node in the list of unconfirmed messages.</summary>
    public LinkedListNode<QueuedMessage>? Node { get; set; }

    /// <summary>Withdraws it: it is not sent again.</summary>
    public void Withdraw() => publisher.TryWithdraw(this);

    /// <inheritdoc/>
    public override void Ended(SendResult result) => publisher.Ended(this, result);
}

/// <summary>The owner of a message, which is notified of its outcome. Any thread.</summary>
internal interface IMessageOwner
{
    /// <summary>Called when the broker has the message, or it is known why not.</summary>
    void Ended(QueuedMessage message, ErrorRecord? error);

    /// <summary>Called when the session was lost after the confirmation: no answer will come.</summary>
    void AnswerLost(QueuedMessage message);
}
