using System.Runtime.CompilerServices;
using AsyncPs.Workers;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// The modules that were imported in a worker for its callers. They stay as long as the worker, because an import is slow.
/// </summary>
internal sealed class WorkerModules
{
    // In a block, so that the block's errors are merged too, not only the command's. The module itself does not become visible in the
    // worker: captured functions are set one by one, in the scope of the call.
    private const string LoadScript = """
        . {
            Microsoft.PowerShell.Core\Import-Module -Name $args[0] -Force:$args[1] -PassThru -DisableNameChecking `
                -Function @() -Cmdlet @() -Variable @() -Alias @()
        } @args *>&1
        """;

    private const string ShowScript = """
        . { Microsoft.PowerShell.Core\Import-Module -Name $args[0] -Scope Local -PassThru -DisableNameChecking } @args *>&1
        """;

    // What a module requires is visible in its whole session, as in PowerShell.
    private const string RequireScript = """
        . { Microsoft.PowerShell.Core\Import-Module -Name $args[0] -Global -PassThru -DisableNameChecking } @args *>&1
        """;

    private static readonly ConditionalWeakTable<Worker, WorkerModules> Known = [];

    [ThreadStatic]
    private static string? _importing;

    private readonly Dictionary<string, Imported> _modules = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ImportedGlobals> _required = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The modules of a worker.</summary>
    public static WorkerModules Of(Worker worker) => Known.GetOrCreateValue(worker);

    /// <summary>
    /// Whether this thread imports a module for a caller. The module's code that runs meanwhile must not make its own workers import the
    /// module again, which would recurse.
    /// </summary>
    public static bool IsImporting(ModuleImport import) => string.Equals(_importing, import.Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>Imports a module once; again when the caller means another module of the same path.</summary>
    public PSModuleInfo Get(ModuleImport import, PSCmdlet command)
    {
        foreach (ModuleImport required in import.Required)
        {
            Require(required, command);
        }

        bool known = _modules.TryGetValue(import.Path, out Imported? imported);
        if (known && imported!.Identity.Equals(import.Identity))
        {
            imported.Globals.Restore(command);
            return imported.Module;
        }

        ImportedGlobals globals = new();
        PSModuleInfo module = Run(import, command, LoadScript, globals, known);
        import.StandsFor(module);
        _modules[import.Path] = new Imported(import.Identity, module, globals);
        return module;
    }

    /// <summary>Makes all exports of a module visible in the scope of the call.</summary>
    public void Show(ModuleImport import, PSCmdlet command)
    {
        Get(import, command);
        Run(import, command, ShowScript, globals: null);
    }

    private void Require(ModuleImport import, PSCmdlet command)
    {
        foreach (ModuleImport required in import.Required)
        {
            Require(required, command);
        }

        if (_required.TryGetValue(import.Path, out ImportedGlobals? globals))
        {
            globals.Restore(command);
            return;
        }

        // Not cached before: a failed import is tried again.
        globals = new ImportedGlobals();
        Run(import, command, RequireScript, globals);
        _required.Add(import.Path, globals);
    }

    private static PSModuleInfo Run(ModuleImport import, PSCmdlet command, string script, ImportedGlobals? globals, bool force = false)
    {
        string? before = _importing;
        _importing = import.Path;
        try
        {
            ImportOutcome outcome = globals is null
                ? ImportOutcome.Of(import, command, script, force)
                : ImportGate.Of(import).Pass(() => globals.Observe(command, () => ImportOutcome.Of(import, command, script, force)));
            ImportGate.Of(import).Tell(import, outcome, command);
            return outcome.Module
                ?? throw CaptureErrors.ModuleNotImported(import.Name, import.Path, outcome.Errors is [.., var last] ? last : null);
        }
        catch (RuntimeException e)
            when (e is not PipelineStoppedException && e.ErrorRecord.FullyQualifiedErrorId != CaptureErrors.ModuleNotImportedId)
        {
            throw CaptureErrors.ModuleNotImported(import.Name, import.Path, e.ErrorRecord);
        }
        finally
        {
            _importing = before;
        }
    }

    private sealed record Imported(object Identity, PSModuleInfo Module, ImportedGlobals Globals);
}
