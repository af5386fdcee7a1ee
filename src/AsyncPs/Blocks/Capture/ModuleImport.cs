using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.Capture;

/// <summary>A module that workers import.</summary>
/// <param name="Name">Its name, for messages.</param>
/// <param name="Path">Its manifest, its file or its folder.</param>
/// <param name="Identity">Equal as long as the caller means the same module. A new import in the caller's session changes it.</param>
internal sealed record ModuleImport(string Name, string Path, object Identity)
{
    private static readonly ConditionalWeakTable<PSModuleInfo, object> Identities = [];
    private static readonly ConditionalWeakTable<PSModuleInfo, ModuleImport> Known = [];

    private static readonly string? OwnFolder = FolderOf(typeof(ModuleImport));
    private static readonly string? BuiltInFolder = FolderOf(typeof(PSObject));

    /// <summary>Whether it ships with PowerShell or is this module. Every worker finds such a module without help.</summary>
    public bool IsBuiltIn { get; } = IsIn(BuiltInFolder, Path) || IsIn(OwnFolder, Path);

    /// <summary>Whether the caller has imported it, and has seen the output of the import.</summary>
    public bool IsOfCaller { get; private init; }

    /// <summary>
    /// The modules it requires, without those of PowerShell. A worker may not find them by name, because the caller did not either.
    /// </summary>
    public IReadOnlyList<ModuleImport> Required { get; private init; } = [];

    /// <summary>How to import a module of the caller's session.</summary>
    /// <returns>Null if it has no file.</returns>
    public static ModuleImport? Of(PSModuleInfo module)
    {
        ModuleImport import = Known.GetValue(module, static m => new ModuleImport(m.Name, FileOf(m) ?? "", IdentityOf(m))
        {
            IsOfCaller = true,
            Required = [.. m.RequiredModules
                .Select(Of)
                .OfType<ModuleImport>()
                .Where(static required => !IsIn(BuiltInFolder, required.Path))],
        });
        return import.Path.Length > 0 ? import : null;
    }

    /// <summary>How to import a file or folder that may change between calls.</summary>
    public static ModuleImport OfFile(string name, string path) => new(name, path, File.GetLastWriteTimeUtc(path));

    /// <summary>Registers a worker's module as the counterpart of the caller's, also for calls in which the worker is the caller.</summary>
    public void StandsFor(PSModuleInfo module) => Identities.AddOrUpdate(module, Identity);

    private static bool IsIn(string? folder, string path)
        => folder is not null && path.StartsWith(folder, StringComparison.OrdinalIgnoreCase);

    // On other machines this assembly is in memory only.
    private static string? FolderOf(Type type)
        => System.IO.Path.GetDirectoryName(type.Assembly.Location) is { Length: > 0 } folder
            ? folder + System.IO.Path.DirectorySeparatorChar
            : null;

    private static object IdentityOf(PSModuleInfo module) => Identities.GetValue(module, static _ => new object());

    private static string? FileOf(PSModuleInfo module)
    {
        // The path of a module with a manifest is the path of its root module, which is only part of the module.
        if (module.ModuleBase is { Length: > 0 } folder
            && (module.ModuleType == ModuleType.Manifest || !string.IsNullOrEmpty(module.RootModule)))
        {
            string manifest = System.IO.Path.Combine(folder, module.Name + ".psd1");
            if (File.Exists(manifest))
            {
                return manifest;
            }
        }

        return File.Exists(module.Path) ? module.Path : null;
    }
}
