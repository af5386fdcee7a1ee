using AsyncPs.Messaging.Drivers.RabbitMq;

namespace AsyncPs.Messaging.Drivers;

/// <summary>The drivers that come with the module.</summary>
internal sealed class Implementation : IDrivers
{
    /// <inheritdoc/>
    public IMessageDriver OpenRabbitMq(RabbitMqSettings settings) => new RabbitMqDriver(settings);
}
