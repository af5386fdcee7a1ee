using System.Reflection;
using System.Runtime.Loader;

namespace AsyncPs.Isolation;

/// <summary>
/// Loads what lies in one folder for itself alone. Everything else (the runtime, the PowerShell engine) is the session's own,
/// and the module is the one already loaded, so that both sides mean the same types.
/// </summary>
/// <param name="folder">The folder.</param>
internal sealed class DependencyLoadContext(string folder) : AssemblyLoadContext("AsyncPs dependencies")
{
    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        Assembly module = typeof(DependencyLoadContext).Assembly;
        if (assemblyName.Name == module.GetName().Name)
        {
            return module;
        }

        string path = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
