using System.Diagnostics;
using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;

namespace AsyncPs.Shell;

/// <summary>
/// What a signal does. The first one stops the running pipeline, and the shell then ends with that signal's exit code or, after
/// Ctrl+C in an interactive session, reads on; a second one while the pipeline stops ends the process at once. In an interactive
/// session Ctrl+C between two pipelines does nothing, for there is nothing to stop, and so does a second one that comes before the
/// statement has had time to stop: an impatient user must not lose the session.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>How long a pipeline has to stop when the process was told to end: there may be nobody to tell it twice.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>How long a statement of an interactive session has to stop before a second Ctrl+C ends the process.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly PosixSignalRegistration[] _signals;
    private Pipeline? _running;
    private Timer? _deadline;
    private bool _interactive;
    private long _stoppedAt;

    internal Interruption() => _signals =
    [
        Register(PosixSignal.SIGINT, Shell.ExitCode.Interrupted),
        Register(PosixSignal.SIGTERM, Shell.ExitCode.Terminated),
        Register(PosixSignal.SIGHUP, Shell.ExitCode.HangUp),
    ];

    /// <summary>The exit code of the signal that stopped the last pipeline, if one did.</summary>
    internal int? ExitCode { get; private set; }

    /// <summary>Whether the process was told to end, so that the prompt must not come back.</summary>
    internal bool Ending { get; private set; }

    /// <summary>Makes the pipeline the one that a signal stops.</summary>
    internal void Begin(Pipeline pipeline)
    {
        lock (_gate)
        {
            _running = pipeline;
            ExitCode = Ending ? ExitCode : null;
        }
    }

    /// <summary>The pipeline is over.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _running = null;
        }
    }

    /// <summary>From here on Ctrl+C ends statements, not the process: the prompt comes back.</summary>
    internal void BeginPrompting()
    {
        lock (_gate)
        {
            _interactive = true;
        }
    }

    /// <summary>Does what Ctrl+C does; for a line editor that read the key itself.</summary>
    internal void Interrupt() => Signal(Shell.ExitCode.Interrupted);

    public void Dispose()
    {
        Array.ForEach(_signals, static signal => signal.Dispose());
        _deadline?.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal, int exitCode) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            Signal(exitCode);
        });

    private static void Stop(Pipeline pipeline)
    {
        try
        {
            pipeline.Stop();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    private void Signal(int exitCode)
    {
        lock (_gate)
        {
            bool stopping = _running is not null && ExitCode is not null;
            if (_interactive && exitCode == Shell.ExitCode.Interrupted
                && (_running is null || (stopping && Stopwatch.GetElapsedTime(_stoppedAt) < Patience)))
            {
                return;
            }

            if (_running is not null && !stopping)
            {
                (ExitCode, _stoppedAt) = (exitCode, Stopwatch.GetTimestamp());
                if (exitCode != Shell.ExitCode.Interrupted)
                {
                    Ending = true;
                    _deadline = new Timer(_ => Environment.Exit(exitCode), null, Grace, Timeout.InfiniteTimeSpan);
                }

                // Not StopAsync: where the pipeline ends meanwhile, that fails on a thread of PowerShell's, and the process with it.
                Pipeline running = _running;
                new Thread(() => Stop(running)) { IsBackground = true, Name = "Stop" }.Start();
                return;
            }
        }

        Environment.Exit(exitCode);
    }
}
