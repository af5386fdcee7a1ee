using AsyncPs.Concurrency;
using AsyncPs.Isolation;

namespace AsyncPs.Messaging.Drivers;

/// <summary>Gives access to the drivers of brokers, which are loaded on first use into a separate context.</summary>
internal static class DriverLoader
{
    private static readonly Lazy<IDrivers> Instance = new(
        static () => DependencyLoadContext.Create<IDrivers>(
            DependencyLoadContext.LoadAssembly("AsyncPs.Messaging "
                + "dependencies", "AsyncPs.Messaging.Drivers", typeof(DriverLoader).Assembly, typeof(ConcurrentCall).Assembly)));

    /// <summary>The drivers.</summary>
    /// <exception cref="FileNotFoundException">The `dependencies` folder of the module is incomplete.</exception>
    public static IDrivers Current => Instance.Value;
}
