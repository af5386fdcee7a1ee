using System.Reflection;

namespace AsyncPs.Isolation;

/// <summary>
/// The way to the third-party packages. Nothing of them is loaded before the first use, and never into the default context:
/// other modules of the session may have loaded other versions of the same packages there.
/// </summary>
internal static class Dependencies
{
    private const string AssemblyName = "AsyncPs.Dependencies";

    private static readonly Lazy<IDependencies> Instance = new(Load);

    /// <summary>The implementation, loaded on first use.</summary>
    /// <exception cref="FileNotFoundException">The folder `dependencies` of the module is not complete.</exception>
    public static IDependencies Current => Instance.Value;

    /// <summary>Whether the packages have been loaded.</summary>
    public static bool AreLoaded => Instance.IsValueCreated;

    private static IDependencies Load()
    {
        string folder = Path.Combine(Path.GetDirectoryName(typeof(Dependencies).Assembly.Location)!, "dependencies");
        string path = Path.Combine(folder, AssemblyName + ".dll");
        if (!File.Exists(path))
        {
            throw Errors.DependenciesMissing(path);
        }

        Assembly assembly = new DependencyLoadContext(folder).LoadFromAssemblyPath(path);
        Type implementation = assembly.GetTypes().Single(static type => type.IsClass && type.IsAssignableTo(typeof(IDependencies)));
        return (IDependencies)Activator.CreateInstance(implementation, nonPublic: true)!;
    }
}
