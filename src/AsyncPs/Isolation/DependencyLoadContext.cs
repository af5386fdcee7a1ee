using System.Reflection;
using System.Runtime.Loader;

namespace AsyncPs.Isolation;

/// <summary>
/// Loads the assemblies of one folder in isolation, native libraries included. Everything else (the runtime, the PowerShell engine) is the
/// session's own, and the modules are the ones already loaded, so that both sides mean the same types.
/// </summary>
/// <param name="name">The name of the context.</param>
/// <param name="folder">
/// The folder. Native libraries are in `native/` and a folder for their platform; assemblies that differ between platforms are in
/// `managed/win/` and `managed/unix/`.
/// </param>
/// <param name="modules">The modules.</param>
internal sealed class DependencyLoadContext(string name, string folder, params Assembly[] modules) : AssemblyLoadContext(name)
{
    private static readonly string Platform = OperatingSystem.IsWindows() ? "win" : "unix";

    /// <summary>Loads an assembly from the `dependencies` folder of a module, which also contains its dependencies.</summary>
    /// <param name="name">The name of the context.</param>
    /// <param name="assemblyName">The assembly.</param>
    /// <param name="module">The module.</param>
    /// <param name="others">The other modules that both sides share.</param>
    /// <exception cref="FileNotFoundException">The folder is incomplete.</exception>
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

    /// <summary>Creates the one class of an assembly that implements an interface.</summary>
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
