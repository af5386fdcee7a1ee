using System.Reflection;
using System.Runtime.Loader;

namespace AsyncPs.Isolation;

/// <summary>
/// Loads what lies in one folder for itself alone, native libraries too. Everything else (the runtime, the PowerShell engine) is
/// the session's own, and the modules are those already loaded, so that both sides mean the same types.
/// </summary>
/// <param name="name">What it is called.</param>
/// <param name="folder">
/// The folder. Native libraries lie in `native/` and the name of their platform, assemblies that there are for each platform in
/// `managed/win/` and `managed/unix/`.
/// </param>
/// <param name="modules">The modules.</param>
internal sealed class DependencyLoadContext(string name, string folder, params Assembly[] modules) : AssemblyLoadContext(name)
{
    private static readonly string Platform = OperatingSystem.IsWindows() ? "win" : "unix";

    /// <summary>Loads an assembly of a module's folder `dependencies`, with the rest of the folder to find what it needs.</summary>
    /// <param name="name">What the context is called.</param>
    /// <param name="assemblyName">The assembly.</param>
    /// <param name="module">The module.</param>
    /// <param name="others">The other modules that both sides share.</param>
    /// <exception cref="FileNotFoundException">The folder is not complete.</exception>
    public static Assembly LoadAssembly(string name, string assemblyName, Assembly module, params Assembly[] others)
    {
        string folder = Path.Combine(Path.GetDirectoryName(module.Location)!, "dependencies");
        string path = Path.Combine(folder, assemblyName + ".dll");
        if (!File.Exists(path))
        {
            throw IsolationErrors.DependenciesMissing(module.GetName().Name!, path);
        }

        return new DependencyLoadContext(name, folder, [module, .. others]).LoadFromAssemblyPath(path);
    }

    /// <summary>Makes the one class of an assembly that implements an interface.</summary>
    public static T Create<T>(Assembly assembly)
        => (T)Activator.CreateInstance(
            assembly.GetTypes().Single(static type => type.IsClass && type.IsAssignableTo(typeof(T))),
            nonPublic: true)!;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Array.Find(modules, module => module.GetName().Name == assemblyName.Name) is { } module)
        {
            return module;
        }

        string file = assemblyName.Name + ".dll";
        return Array.Find([Path.Combine(folder, "managed", Platform, file), Path.Combine(folder, file)], File.Exists) is { } path
            ? LoadFromAssemblyPath(path)
            : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
        => NativeLibraries.Find(folder, unmanagedDllName) is { } path
            ? LoadUnmanagedDllFromPath(path)
            : base.LoadUnmanagedDll(unmanagedDllName);
}
