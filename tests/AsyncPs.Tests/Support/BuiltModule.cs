using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace AsyncPs.Tests.Support;

/// <summary>
/// Makes the tests load the assembled modules' own assemblies, from the folders that they ship in, so that there is only one of each.
/// </summary>
public static class BuiltModule
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "output", "AsyncPs");

    public static string Manifest { get; } = Path.Combine(Folder, "AsyncPs.psd1");

    /// <summary>Of the companion module for databases.</summary>
    public static string DataFolder { get; } = Path.Combine(Repository.Root, "output", "AsyncPs.Data");

    /// <summary>Of the companion module for databases.</summary>
    public static string DataManifest { get; } = Path.Combine(DataFolder, "AsyncPs.Data.psd1");

    /// <summary>Of the companion module for web servers.</summary>
    public static string WebFolder { get; } = Path.Combine(Repository.Root, "output", "AsyncPs.Web");

    /// <summary>Of the companion module for web servers.</summary>
    public static string WebManifest { get; } = Path.Combine(WebFolder, "AsyncPs.Web.psd1");

    /// <summary>Of the companion module for message queues.</summary>
    public static string MessagingFolder { get; } = Path.Combine(Repository.Root, "output", "AsyncPs.Messaging");

    /// <summary>Of the companion module for message queues.</summary>
    public static string MessagingManifest { get; } = Path.Combine(MessagingFolder, "AsyncPs.Messaging.psd1");

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Usage",
        "CA2255",
        Justification = "The assembly must be there before any test class is looked at.")]
    internal static void Load() => AssemblyLoadContext.Default.Resolving += static (context, name) => Resolve(context, name);

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name)
        => name.Name switch
        {
            "AsyncPs" => context.LoadFromAssemblyPath(Path.Combine(Folder, "AsyncPs.dll")),
            "AsyncPs.Web" => context.LoadFromAssemblyPath(Path.Combine(WebFolder, "AsyncPs.Web.dll")),
            "AsyncPs.Data" => context.LoadFromAssemblyPath(Path.Combine(DataFolder, "AsyncPs.Data.dll")),
            "AsyncPs.Messaging" => context.LoadFromAssemblyPath(Path.Combine(MessagingFolder, "AsyncPs.Messaging.dll")),
            _ => null,
        };
}
