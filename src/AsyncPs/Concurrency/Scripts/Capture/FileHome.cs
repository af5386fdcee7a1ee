namespace AsyncPs.Concurrency.Scripts.Capture;

/// <summary>A module that workers import from the file the caller has it from.</summary>
/// <param name="import">What to import.</param>
/// <param name="nestedPath">The file of the module in it whose code is meant, or null for itself.</param>
internal sealed class FileHome(ModuleImport import, string? nestedPath) : ModuleHome
{
    /// <summary>What is imported.</summary>
    public ModuleImport Import { get; } = import;

    /// <summary>The home of a module's code.</summary>
    /// <param name="module">The module.</param>
    /// <param name="exporter">The module that a session has imported to get it: itself, or one that it is nested in.</param>
    /// <returns>Null if it has no file, or is being imported right now.</returns>
    public static FileHome? For(PSModuleInfo module, PSModuleInfo exporter)
    {
        if (ModuleImport.Of(module) is not { } own || ModuleImport.Of(exporter) is not { } import || WorkerModules.IsImporting(import))
        {
            return null;
        }

        return new FileHome(import, import == own ? null : module.Path);
    }

    /// <inheritdoc/>
    public override PSModuleInfo Open(WorkerScopes scopes)
    {
        PSModuleInfo module = scopes.Modules.Get(Import, scopes.Command);
        return nestedPath is null ? module : FindNested(module, nestedPath) ?? module;
    }

    private static PSModuleInfo? FindNested(PSModuleInfo module, string path)
    {
        foreach (PSModuleInfo nested in module.NestedModules)
        {
            PSModuleInfo? found = string.Equals(nested.Path, path, StringComparison.OrdinalIgnoreCase) ? nested : FindNested(nested, path);
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }
}
