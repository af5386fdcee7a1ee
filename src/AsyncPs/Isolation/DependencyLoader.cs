using System.Collections.Concurrent;
using System.Reflection;

namespace AsyncPs.Isolation;

/// <summary>
/// The way to the third-party packages. Nothing of them is loaded before the first use, and never into the default context:
/// other modules of the session may have loaded other versions of the same packages there.
/// </summary>
internal static class DependencyLoader
{
    private static readonly Lazy<Assembly> Loaded = new(
        static () => DependencyLoadContext.LoadAssembly("AsyncPs dependencies", "AsyncPs.Dependencies", typeof(DependencyLoader).Assembly));

    private static readonly ConcurrentDictionary<Type, object> Implementations = new();

    /// <summary>What implements an interface of the module with the packages; loaded on first use.</summary>
    /// <exception cref="FileNotFoundException">The folder `dependencies` of the module is not complete.</exception>
    public static T Get<T>()
        where T : class
        => (T)Implementations.GetOrAdd(typeof(T), static _ => DependencyLoadContext.Create<T>(Loaded.Value));
}
