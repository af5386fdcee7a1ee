using System.Management.Automation.Runspaces;

namespace AsyncPs.Workers;

/// <summary>
/// The call stack at the place where a call is made. Stack traces of errors in its items continue with it, as they do in place; a
/// worker's own stack has only its own command.
/// </summary>
internal sealed class CallerTrace
{
    private readonly string _lines;

    private CallerTrace(string lines) => _lines = lines;

    /// <summary>Reads it, on the thread that makes the call.</summary>
    /// <returns>Null where the engine does not say.</returns>
    public static CallerTrace? Read()
    {
        if (EngineInternals.Traces is not { } traces || Runspace.DefaultRunspace?.Debugger is not { } debugger)
        {
            return null;
        }

        IReadOnlyList<string> lines = traces.Of(debugger);
        return WorkerHost.OnThisThread?.Trace is { } outer
            ? new CallerTrace(string.Join(Environment.NewLine, [.. lines.SkipLast(1), outer._lines]))
            : new CallerTrace(string.Join(Environment.NewLine, lines));
    }

    /// <summary>
    /// Replaces the worker's own command with it, on the worker's thread. An error of a nested call has it already.
    /// </summary>
    public void Complete(ErrorRecord error)
    {
        if (EngineInternals.Traces is { } traces
            && EngineInternals.StackTraces.Of(error) is { } trace
            && !trace.EndsWith(_lines, StringComparison.Ordinal)
            && Runspace.DefaultRunspace?.Debugger is { } debugger
            && traces.Of(debugger) is [.., { } own]
            && trace.EndsWith(own, StringComparison.Ordinal)
            && (trace.Length == own.Length || trace[^(own.Length + 1)] == '\n'))
        {
            EngineInternals.StackTraces.Set(error, string.Concat(trace.AsSpan(0, trace.Length - own.Length), _lines));
        }
    }
}
