using System.Collections.Concurrent;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Lets one worker at a time import a module, because loading code may touch files or the process and expects to run once. It also
/// reports errors and warnings once per module rather than once per worker.
/// </summary>
internal sealed class ImportGate
{
    // Two modules whose imports wait for each other would wait forever: after this time both continue.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<string, ImportGate> Known = new(StringComparer.OrdinalIgnoreCase);

    private readonly object _turn = new();
    private readonly object _lock = new();
    private readonly HashSet<string> _told = [];
    private object? _identity;

    /// <summary>The gate of a module.</summary>
    public static ImportGate Of(ModuleImport import) => Known.GetOrAdd(import.Path, static _ => new ImportGate());

    /// <summary>Imports when no other worker imports the module.</summary>
    public ImportOutcome Pass(Func<ImportOutcome> import)
    {
        bool entered = Monitor.TryEnter(_turn, WaitLimit);
        try
        {
            return import();
        }
        finally
        {
            if (entered)
            {
                Monitor.Exit(_turn);
            }
        }
    }

    /// <summary>
    /// Writes the errors of an import as warnings, each once per module. Also writes its warnings if the caller has not imported the
    /// module.
    /// </summary>
    public void Tell(ModuleImport import, ImportOutcome outcome, PSCmdlet command)
    {
        if (outcome.Module is null)
        {
            // The errors explain it.
            return;
        }

        foreach (ErrorRecord error in outcome.Errors)
        {
            if (IsNew(import, error.ToString()))
            {
                command.WriteWarning(CaptureErrors.ImportWroteError(import.Name, error));
            }
        }

        if (!import.IsOfCaller)
        {
            foreach (WarningRecord warning in outcome.Warnings.Where(warning => IsNew(import, warning.Message)))
            {
                command.WriteWarning(warning.Message);
            }
        }
    }

    private bool IsNew(ModuleImport import, string message)
    {
        lock (_lock)
        {
            if (!import.Identity.Equals(_identity))
            {
                _identity = import.Identity;
                _told.Clear();
            }

            return _told.Add(message);
        }
    }
}
