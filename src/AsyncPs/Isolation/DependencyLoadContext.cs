using System.Reflection;
using System.Runtime.Loader;

namespace AsyncPs.Isolation;

/// <summary>
/// Loads what lies in one folder for itself alone, native libraries too. Everything else (the runtime, the PowerShell engine) is
/// the session's own, and the modules are those already loaded, so that both sides mean the same types.
/// </summary>
/// <param name="name">What it is called.</param>
/// <param name="folder">The folder. Native libraries lie in `native/` and the name of their platform.</param>
/// <param name="modules">The modules.</param>
internal sealed class DependencyLoadContext(string name, string folder, params Assembly[] modules) : AssemblyLoadContext(name)
{
    /// <summary>Loads an assembly of the folder, with the rest of the folder to find what it needs, and makes the one class in it that implements an interface.</summary>
    /// <param name="name">What the context is called.</param>
    /// <param name="assemblyName">The assembly.</param>
    /// <param name="module">The module whose folder `dependencies` it is.</param>
    /// <param name="others">The other modules that both sides share.</param>
    /// <exception cref="FileNotFoundException">The folder is not complete.</exception>
    public static T Load<T>(string name, string assemblyName, Assembly module, params Assembly[] others)
    {
        string folder = Path.Combine(Path.GetDirectoryName(module.Location)!, "dependencies");
        string path = Path.Combine(folder, assemblyName + ".dll");
        if (!File.Exists(path))
        {
            throw Errors.DependenciesMissing(module.GetName().Name!, path);
        }

        Assembly assembly = new DependencyLoadContext(name, folder, [module, .. others]).LoadFromAssemblyPath(path);
        Type implementation = assembly.GetTypes().Single(static type => type.IsClass && type.IsAssignableTo(typeof(T)));
        return (T)Activator.CreateInstance(implementation, nonPublic: true)!;
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Array.Find(modules, module => module.GetName().Name == assemblyName.Name) is { } module)
        {
            return module;
        }

        string path = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
        => NativeLibraries.Find(folder, unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : base.LoadUnmanagedDll(unmanagedDllName);
}
