using AsyncPs.Concurrency;
using AsyncPs.Isolation;

namespace AsyncPs.Data.Drivers;

/// <summary>The way to the database drivers, which are loaded on first use into a context of their own, native libraries included.</summary>
internal static class DriverLoader
{
    private static readonly Lazy<IDrivers> Instance = new(
        static () => DependencyLoadContext.Create<IDrivers>(
            DependencyLoadContext.LoadAssembly("AsyncPs.Data dependencies", "AsyncPs.Data.Drivers", typeof(DriverLoader).Assembly, typeof(ConcurrentCall).Assembly)));

    /// <summary>The drivers.</summary>
    /// <exception cref="FileNotFoundException">The folder `dependencies` of the module is not complete.</exception>
    public static IDrivers Current => Instance.Value;
}
