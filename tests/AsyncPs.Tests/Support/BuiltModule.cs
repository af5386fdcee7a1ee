using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace AsyncPs.Tests.Support;

/// <summary>The assembled module as what the tests are linked with, so that both mean one assembly, in the folder it ships in.</summary>
public static class BuiltModule
{
    public static string Folder { get; } = Path.Combine(ShellProcess.Root, "output", "AsyncPs");

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The assembly must be there before any test class is looked at.")]
    internal static void Load() => AssemblyLoadContext.Default.Resolving += static (context, name) => Resolve(context, name);

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name)
        => name.Name == "AsyncPs" ? context.LoadFromAssemblyPath(Path.Combine(Folder, "AsyncPs.dll")) : null;
}
