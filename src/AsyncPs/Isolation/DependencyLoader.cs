using System.Collections.Concurrent;
using System.Reflection;

namespace AsyncPs.Isolation;

/// <summary>
/// Gives access to the third-party packages. They are loaded on first use, and never into the default context, where other modules of the
/// session may have loaded other versions of the same packages.
/// </summary>
internal static class DependencyLoader
{
    private static readonly Lazy<Assembly> Loaded = new(
        static () => DependencyLoadContext.LoadAssembly("AsyncPs dependencies", "AsyncPs.Dependencies", typeof(DependencyLoader).Assembly));

    private static readonly ConcurrentDictionary<Type, object> Implementations = new();

    /// <summary>The implementation of an interface of the module that uses the packages; loaded on first use.</summary>
    /// <exception cref="FileNotFoundException">The `dependencies` folder of the module is incomplete.</exception>
    public static T Get<T>()
        where T : class
        => (T)Implementations.GetOrAdd(typeof(T), static _ => DependencyLoadContext.Create<T>(Loaded.Value));
}
