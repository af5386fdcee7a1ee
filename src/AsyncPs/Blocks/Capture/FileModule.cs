namespace AsyncPs.Blocks.Capture;

/// <summary>
/// A module that workers import from the same file as the caller. Before each call it gets the variables of the caller's module.
/// </summary>
internal sealed class FileModule : CapturedModule
{
    private readonly string? _nestedPath;
    private readonly ModuleState? _state;

    private FileModule(ModuleImport import, string? nestedPath, SessionView session, ModuleState? state)
        : base(session)
    {
        Import = import;
        _nestedPath = nestedPath;
        _state = state;
    }

    /// <summary>How workers import it.</summary>
    public ModuleImport Import { get; }

    /// <summary>The file of the module if it is nested in the imported one, or null.</summary>
    public string? NestedPath => _nestedPath;

    /// <summary>The values of the module's variables.</summary>
    public IEnumerable<(string Name, object? Value)> Values => _state?.Values ?? [];

    /// <summary>The counterpart for a module's code.</summary>
    /// <param name="module">The module.</param>
    /// <param name="exporter">The module that a session imports to get it: itself, or the one that contains it.</param>
    /// <param name="session">The module's session state.</param>
    /// <returns>Null if it has no file, or is being imported right now.</returns>
    public static FileModule? For(PSModuleInfo module, PSModuleInfo exporter, SessionView session)
    {
        if (ModuleImport.Of(module) is not { } own || ModuleImport.Of(exporter) is not { } import || WorkerModules.IsImporting(import))
        {
            return null;
        }

        ModuleState? state = import.IsBuiltIn || IsOfTests(module) ? null : ModuleState.For(module);
        return new FileModule(import, import == own ? null : module.Path, session, state);
    }

    /// <summary>Reads the module's variables, after the counterpart is known: they may hold code of the module.</summary>
    public void Read(ValueCarrier values) => _state?.Read(values);

    /// <summary>Whether the module itself has a variable.</summary>
    /// <param name="name">Its name, without a scope.</param>
    public bool HasVariable(string name) => _state?.Has(name) == true;

    /// <inheritdoc/>
    public override PSModuleInfo Open(WorkerScopes scopes)
    {
        PSModuleInfo module = scopes.Modules.Get(Import, scopes.Command);
        return _nestedPath is null ? module : FindNested(module, _nestedPath) ?? module;
    }

    /// <inheritdoc/>
    public override void Fill(PSModuleInfo module, WorkerScopes scopes) => _state?.Apply(module, scopes);

    // Pester's state is its place in the tests that it runs: an assertion in a worker must not touch it.
    private static bool IsOfTests(PSModuleInfo module) => module.Name.Equals("Pester", StringComparison.OrdinalIgnoreCase);

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
