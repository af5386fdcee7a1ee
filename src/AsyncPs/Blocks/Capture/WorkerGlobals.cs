using System.Runtime.CompilerServices;
using AsyncPs.Workers;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// What calls set in the global scope of a worker, where it would stay. The next call removes it before it sets its own. Variables are
/// removed when the worker is reset.
/// </summary>
internal sealed class WorkerGlobals
{
    private static readonly ConditionalWeakTable<Worker, WorkerGlobals> Known = [];

    private readonly List<string> _paths = [];

    /// <summary>The globals of a worker.</summary>
    public static WorkerGlobals Of(Worker worker) => Known.GetOrCreateValue(worker);

    /// <summary>Runs code with the global scope as the current one.</summary>
    /// <param name="command">The command of the worker's pipeline.</param>
    /// <param name="code">The code.</param>
    /// <returns>False if the engine does not allow it; nothing was run then.</returns>
    public static bool TryInGlobalScope(PSCmdlet command, Action code)
    {
        if (EngineInternals.Scopes is not { } scopes)
        {
            return false;
        }

        SessionState session = command.SessionState;
        object current = scopes.Current(session);
        scopes.SetCurrent(session, scopes.Global(session));
        try
        {
            code();
        }
        finally
        {
            scopes.SetCurrent(session, current);
        }

        return true;
    }

    /// <summary>Removes the values that the last call has set.</summary>
    /// <param name="command">The command of the worker's pipeline.</param>
    public void Clear(PSCmdlet command)
    {
        if (_paths.Count == 0)
        {
            return;
        }

        TryInGlobalScope(command, () =>
        {
            foreach (string path in _paths)
            {
                command.InvokeProvider.Item.Remove([path], recurse: false, force: true, literalPath: true);
            }
        });
        _paths.Clear();
    }

    /// <summary>Sets the values that a call captured for the global scope.</summary>
    /// <param name="carried">What was captured.</param>
    /// <param name="command">The command of the worker's pipeline.</param>
    /// <param name="scopes">Where the call's code runs in the worker.</param>
    public void Set(CapturedScope carried, PSCmdlet command, WorkerScopes scopes)
    {
        if (carried.IsEmpty)
        {
            return;
        }

        TryInGlobalScope(command, () =>
        {
            // What already exists belongs to an imported module and serves as well.
            _paths.AddRange(carried.Paths.Where(path => !command.InvokeProvider.Item.Exists(path, force: true, literalPath: true)));
            carried.Apply(command, scopes);
        });
    }
}
