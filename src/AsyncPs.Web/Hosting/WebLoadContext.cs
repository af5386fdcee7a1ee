using System.Reflection;
using System.Runtime.Loader;

namespace AsyncPs.Web.Hosting;

/// <summary>Loads the web framework for this module alone, because other modules of the session may have loaded other versions.</summary>
/// <param name="folders">The folders of its assemblies. Others are the session's own.</param>
/// <param name="modules">The modules that both sides share.</param>
internal sealed class WebLoadContext(string[] folders, Assembly[] modules) : AssemblyLoadContext("AsyncPs.Web dependencies")
{
    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
        => Array.Find(modules, module => module.GetName().Name == assemblyName.Name)
            ?? (Find(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null);

    private string? Find(AssemblyName assemblyName)
        => folders.Select(folder => Path.Combine(folder, assemblyName.Name + ".dll")).FirstOrDefault(File.Exists);
}
