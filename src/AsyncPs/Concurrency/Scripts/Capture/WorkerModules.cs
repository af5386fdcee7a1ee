using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using AsyncPs.Concurrency.Workers;

namespace AsyncPs.Concurrency.Scripts.Capture;

/// <summary>The modules that have been imported in a worker for its callers. They stay as long as the worker: to import one is slow.</summary>
internal sealed class WorkerModules
{
    // Nothing of it becomes visible in the worker: carried functions are set one by one, in the scope of the call.
    private const string LoadScript = """
        Microsoft.PowerShell.Core\Import-Module -Name $args[0] -Force:$args[1] -PassThru -DisableNameChecking -Function @() -Cmdlet @() -Variable @() -Alias @() -ErrorAction Stop
        """;

    private const string ShowScript = """
        Microsoft.PowerShell.Core\Import-Module -Name $args[0] -Scope Local -DisableNameChecking -ErrorAction Stop
        """;

    // What a module requires is there for all of its session, as PowerShell has it too.
    private const string RequireScript = """
        Microsoft.PowerShell.Core\Import-Module -Name $args[0] -Global -DisableNameChecking -ErrorAction Stop
        """;

    private static readonly ConditionalWeakTable<Worker, WorkerModules> Known = [];

    [ThreadStatic]
    private static string? _importing;

    private readonly Dictionary<string, (object Identity, PSModuleInfo Module)> _modules = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _required = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Those of a worker.</summary>
    public static WorkerModules Of(Worker worker) => Known.GetOrCreateValue(worker);

    /// <summary>
    /// Whether this thread is importing a module for a caller. Code that runs then, the module's own, must not have its
    /// workers import it again, and theirs again.
    /// </summary>
    public static bool IsImporting(ModuleImport import) => string.Equals(_importing, import.Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>Imports a module once; again when the caller means another one by the same path.</summary>
    public PSModuleInfo Get(ModuleImport import, PSCmdlet command)
    {
        bool known = _modules.TryGetValue(import.Path, out (object Identity, PSModuleInfo Module) entry);
        if (known && entry.Identity.Equals(import.Identity))
        {
            return entry.Module;
        }

        foreach (ModuleImport required in import.Required)
        {
            Require(required, command);
        }

        PSModuleInfo module = Run(import, command, LoadScript, import.Path, known).Select(static o => o.BaseObject).OfType<PSModuleInfo>().Last();
        import.StandsFor(module);
        _modules[import.Path] = (import.Identity, module);
        return module;
    }

    private void Require(ModuleImport import, PSCmdlet command)
    {
        foreach (ModuleImport required in import.Required)
        {
            Require(required, command);
        }

        if (!_required.Contains(import.Path))
        {
            // Not before: what has failed once is tried again.
            Run(import, command, RequireScript, import.Path);
            _required.Add(import.Path);
        }
    }

    /// <summary>Makes everything that a module exports visible in the scope of the call.</summary>
    public void Show(ModuleImport import, PSCmdlet command)
    {
        Get(import, command);
        Run(import, command, ShowScript, import.Path);
    }

    private static Collection<PSObject> Run(ModuleImport import, PSCmdlet command, string script, params object[] args)
    {
        string? before = _importing;
        _importing = import.Path;
        try
        {
            return command.InvokeCommand.InvokeScript(script, useNewScope: false, System.Management.Automation.Runspaces.PipelineResultTypes.None, input: null, args);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw Errors.ModuleNotImported(import.Name, import.Path, e);
        }
        finally
        {
            _importing = before;
        }
    }
}
