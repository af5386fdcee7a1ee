using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace AsyncPs.Bench;

/// <summary>Makes the benchmarks use the assembled module as the one that they are linked with.</summary>
internal static class BuiltModule
{
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Usage",
        "CA2255",
        Justification = "The assembly must be found before any method that names it is compiled.")]
    internal static void Load() => AssemblyLoadContext.Default.Resolving += static (context, name)
        => name.Name == "AsyncPs" ? context.LoadFromAssemblyPath(Path.ChangeExtension(Session.ModulePath, ".dll")) : null;
}
