namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>Thrown when a queue was deleted, or has moved to another node, while it was used.</summary>
internal sealed class QueueGoneException(string queue) : Exception($"The queue '{queue}' was deleted or has moved while it was used.");
