using AsyncPs.Concurrency;
using AsyncPs.Isolation;

namespace AsyncPs.Data.Drivers;

/// <summary>
/// Gives access to the database drivers, which are loaded on first use into a separate context, native libraries included.
/// </summary>
internal static class DriverLoader
{
    private static readonly Lazy<IDrivers> Instance = new(
        static () => DependencyLoadContext.Create<IDrivers>(
            DependencyLoadContext.LoadAssembly(
                "AsyncPs.Data dependencies", "AsyncPs.Data.Drivers", typeof(DriverLoader).Assembly, typeof(ConcurrentCall).Assembly)));

    /// <summary>The drivers.</summary>
    /// <exception cref="FileNotFoundException">The `dependencies` folder of the module is incomplete.</exception>
    public static IDrivers Current => Instance.Value;
}
