using System.Management.Automation.Language;
using AsyncPs.Workers;

namespace AsyncPs.Blocks.Capture;

/// <summary>What a call brings from its caller's session to the workers. All of it is removed after the call.</summary>
internal sealed class Closure
{
    private readonly List<ModuleImport> _shown = [];
    private readonly HashSet<ModuleImport> _required = [];
    private readonly HashSet<CapturedModule> _homes = [];
    private readonly Dictionary<string, CapturedValue> _usingValues = new(StringComparer.Ordinal);
    private readonly Dictionary<ScriptBlock, CapturedModule> _blockHomes = new(ReferenceEqualityComparer.Instance);

    /// <summary>Inspects objects that the blocks get as input.</summary>
    public InputInspector? Inspector { get; set; }

    /// <summary>What is set in the scope of the blocks.</summary>
    public CapturedScope Scope { get; } = new();

    /// <summary>What is set in the global scope, the only scope of the caller's that code of an imported module sees.</summary>
    public CapturedScope Global { get; } = new();

    /// <summary>The files of the blocks' code and of the code they call.</summary>
    public HashSet<string> Files { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether any of the code names `Wait-Debugger`.</summary>
    public bool WaitsForDebugger { get; private set; }

    /// <summary>Adds code that runs in the workers.</summary>
    public void AddCode(Ast code)
    {
        if (code.Extent.File is { } file)
        {
            Files.Add(file);
        }

        WaitsForDebugger |= CodeReads.Of(code).Commands.Select(CommandNames.WithoutModule)
            .Contains("Wait-Debugger", StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Adds the value of a `$using:` expression.</summary>
    /// <param name="key">The engine's key for it.</param>
    /// <param name="value">The value.</param>
    public void AddUsingValue(string key, CapturedValue value) => _usingValues.Add(key, value);

    /// <summary>Adds a module whose exports the blocks see.</summary>
    public void Show(ModuleImport import) => _shown.Add(import);

    /// <summary>Adds a module that must be imported, because a command of it is called by its full name.</summary>
    public void Require(ModuleImport import) => _required.Add(import);

    /// <summary>Adds a module that must have the state of the caller's module, whichever of its functions is called.</summary>
    public void Open(FileModule home) => _homes.Add(home);

    /// <summary>The modules that must be imported for any reason, each once.</summary>
    public IEnumerable<ModuleImport> Imports
        => _shown.Concat(_required).Concat(_homes.OfType<FileModule>().Select(static home => home.Import)).Distinct();

    /// <summary>The modules that must have the state of the caller's.</summary>
    public IReadOnlyCollection<CapturedModule> Homes => _homes;

    /// <summary>The modules whose exports the blocks see.</summary>
    public IReadOnlyList<ModuleImport> Shown => _shown;

    /// <summary>Notes the module that a block of the caller belongs to, if any.</summary>
    public void SetHome(ScriptBlock block, CapturedModule? home)
    {
        if (home is not null)
        {
            _blockHomes[block] = home;
        }
    }

    /// <summary>The module that a block of the caller belongs to, or null.</summary>
    public CapturedModule? HomeOf(ScriptBlock block) => _blockHomes.GetValueOrDefault(block);

    /// <summary>Sets everything in a worker, in the scope of its pipeline.</summary>
    public void Apply(Worker worker, PSCmdlet command)
    {
        WorkerScopes scopes = new(worker, command);
        WorkerGlobals globals = WorkerGlobals.Of(worker);
        globals.Clear(command);
        foreach ((string key, CapturedValue value) in _usingValues)
        {
            worker.UsingValues[key] = value.In(scopes);
        }

        foreach (ModuleImport import in _required)
        {
            scopes.Modules.Get(import, command);
        }

        foreach (CapturedModule home in _homes)
        {
            scopes.Open(home);
        }

        foreach (ModuleImport import in _shown)
        {
            scopes.Modules.Show(import, command);
        }

        globals.Set(Global, command, scopes);

        Scope.Apply(command, scopes);
    }
}
