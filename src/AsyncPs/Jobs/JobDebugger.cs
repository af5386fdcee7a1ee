using System.Management.Automation.Host;
using System.Management.Automation.Language;

namespace AsyncPs.Jobs;

/// <summary>The debugger of a job, for Debug-Job: the debugger of the session in which the job's block runs, while it runs.</summary>
internal sealed class JobDebugger : Debugger
{
    private readonly Debugger _debugger;
    private readonly ThrottledJob _job;

    /// <summary>Creates the debugger of a job.</summary>
    /// <param name="debugger">The debugger of the session.</param>
    /// <param name="job">The running job.</param>
    public JobDebugger(Debugger debugger, ThrottledJob job)
    {
        _debugger = debugger;
        _job = job;
        debugger.DebuggerStop += Stopped;
        debugger.BreakpointUpdated += Updated;
    }

    /// <inheritdoc/>
    public override bool IsActive => _debugger.IsActive;

    /// <inheritdoc/>
    public override bool InBreakpoint => _debugger.InBreakpoint;

    /// <summary>Detaches the job at its end: what runs in the session from then on belongs to others.</summary>
    public void Detach()
    {
        _debugger.DebuggerStop -= Stopped;
        _debugger.BreakpointUpdated -= Updated;
        _debugger.SetDebuggerStepMode(false);
    }

    /// <summary>Starts stepping at the current position of the block.</summary>
    public override void SetParent(
        Debugger parent, IEnumerable<Breakpoint> breakPoints, DebuggerResumeAction? startAction, PSHost host, PathInfo path)
        => SetDebuggerStepMode(true);

    /// <inheritdoc/>
    public override void SetDebuggerStepMode(bool enabled) => _debugger.SetDebuggerStepMode(enabled);

    /// <inheritdoc/>
    public override void SetDebugMode(DebugModes mode)
    {
        _debugger.SetDebugMode(mode);
        base.SetDebugMode(mode);
    }

    /// <inheritdoc/>
    public override DebuggerCommandResults ProcessCommand(PSCommand command, PSDataCollection<PSObject> output)
        => _debugger.ProcessCommand(command.Commands is [{ CommandText: "prompt" }] ? Prompt() : command, output);

    /// <inheritdoc/>
    public override void StopProcessCommand() => _debugger.StopProcessCommand();

    /// <inheritdoc/>
    public override void SetDebuggerAction(DebuggerResumeAction resumeAction) => _debugger.SetDebuggerAction(resumeAction);

    /// <inheritdoc/>
    public override DebuggerStopEventArgs GetDebuggerStopArgs() => _debugger.GetDebuggerStopArgs();

    /// <inheritdoc/>
    public override IEnumerable<CallStackFrame> GetCallStack() => _debugger.GetCallStack();

    // The prompt that other jobs have, which shows that the session is not the user's own.
    private PSCommand Prompt()
    {
        string name = CodeGeneration.EscapeSingleQuotedStringContent(_job.Name);
        return new PSCommand().AddScript($"'[DBG]: [{name}]: PS ' + $executionContext.SessionState.Path.CurrentLocation + '>> '");
    }

    private void Stopped(object? sender, DebuggerStopEventArgs e) => RaiseDebuggerStopEvent(e);

    private void Updated(object? sender, BreakpointUpdatedEventArgs e) => RaiseBreakpointUpdatedEvent(e);
}
