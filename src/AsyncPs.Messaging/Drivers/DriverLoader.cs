using AsyncPs.Concurrency;
using AsyncPs.Isolation;

namespace AsyncPs.Messaging.Drivers;

/// <summary>The way to the drivers of brokers, which are loaded on first use into a context of their own.</summary>
internal static class DriverLoader
{
    private static readonly Lazy<IDrivers> Instance = new(
        static () => DependencyLoadContext.Create<IDrivers>(
            DependencyLoadContext.LoadAssembly("AsyncPs.Messaging "
                + "dependencies", "AsyncPs.Messaging.Drivers", typeof(DriverLoader).Assembly, typeof(ConcurrentCall).Assembly)));

    /// <summary>The drivers.</summary>
    /// <exception cref="FileNotFoundException">The folder `dependencies` of the module is not complete.</exception>
    public static IDrivers Current => Instance.Value;
}
