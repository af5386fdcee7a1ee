using AsyncPs.Concurrency;
using System.Management.Automation.Runspaces;
using System.Runtime.ExceptionServices;

namespace AsyncPs.Commands.Pipeline;

/// <summary>
/// Runs code in the caller's scope, in a pipeline within the caller's. The code can be stopped while the caller continues, and can run
/// while the caller is being stopped, as a finally block does.
/// </summary>
internal sealed class NestedPipeline
{
    private const string Script = ". { & $args[0] -Work $args[1] } $args[0] $args[1]";

    // A nested pipeline has no separate streams: unless they are merged, its records bypass the caller's redirections and go to the host.
    private const string Merged = Script + " *>&1";
    private const string MergedInTry = $"try {{ {Merged} }} catch {{ throw }}";

    [ThreadStatic]
    private static int _depth;

    private readonly Action<PSCmdlet> _work;
    private readonly Action<PSObject?>? _receive;
    private readonly CancellationToken _stopping;
    private readonly CancellationToken _cancellationToken;
    private ExceptionDispatchInfo? _thrown;
    private bool _begun;

    private NestedPipeline(
        Action<PSCmdlet> work,
        Action<PSObject?>? receive,
        CancellationToken stopping,
        CancellationToken cancellationToken)
    {
        _work = work;
        _receive = receive;
        _stopping = stopping;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Whether this thread runs code of a nested pipeline.</summary>
    public static bool IsCurrent => _depth > 0;

    /// <summary>Runs code, and rethrows what it throws.</summary>
    /// <param name="work">The code, which gets the nested pipeline's command.</param>
    /// <param name="receive">Receives every record of every stream, on this thread. Null drops the output and sends the rest to the
    /// host.</param>
    /// <param name="inTry">Whether statement-terminating errors end the code, as in a `try`.</param>
    /// <param name="stopping">
    /// Canceled when the pipelines around it are being stopped. PowerShell stops nested pipelines first and would miss one that starts
    /// just then. Default: the code runs even while they are being stopped.
    /// </param>
    /// <param name="cancellationToken">Stops the code alone.</param>
    /// <exception cref="OperationCanceledException">The token stopped it.</exception>
    /// <exception cref="PipelineStoppedException">The pipelines around it are being stopped.</exception>
    public static void Run(
        Action<PSCmdlet> work,
        Action<PSObject?>? receive,
        bool inTry = false,
        CancellationToken stopping = default,
        CancellationToken cancellationToken = default)
        => new NestedPipeline(work, receive, stopping, cancellationToken).Run(inTry);

    private void Run(bool inTry)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        string script = _receive is null ? Script : inTry ? MergedInTry : Merged;
        if (Runspace.DefaultRunspace.SessionStateProxy.LanguageMode == PSLanguageMode.FullLanguage)
        {
            shell.AddScript(script, useLocalScope: false).AddArgument(InnerCommand.Info).AddArgument((Action<PSCmdlet>)Work);
        }
        else
        {
            // The script at the start of a pipeline is trusted, and the engine does not run it in the scope of constrained code.
            shell
                .AddCommand(InnerCommand.Info)
                .AddParameter(nameof(InnerCommand.Work), (Action<PSCmdlet>)(command => WorkBy(script, command)));
        }

        using var records = new PSDataCollection<PSObject?>();
        if (_receive is not null)
        {
            records.DataAdding += Receive;
        }

        _depth++;
        try
        {
            using CancellationTokenRegistration stop = _cancellationToken.UnsafeRegister(Stop, shell);
            using CancellationTokenRegistration stopWithOuter = _stopping.UnsafeRegister(Stop, shell);
            shell.Invoke<object, PSObject?>(input: null, records, new PSInvocationSettings());
        }
        catch (Exception e)
        {
            _thrown ??= ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            _depth--;
        }

        if (!_begun && (_thrown is null || IsStopped))
        {
            // PowerShell reports in several ways, or not at all, that a pipeline was stopped before it began.
            _thrown = ExceptionDispatchInfo.Capture(new PipelineStoppedException());
        }

        if (_thrown is { SourceException: not PipelineStoppedException } thrown)
        {
            thrown.Throw();
        }

        _cancellationToken.ThrowIfCancellationRequested();
        _thrown?.Throw();
    }

    private void WorkBy(string script, PSCmdlet command) => command.InvokeCommand.InvokeScript(
        script,
        useNewScope: false,
        PipelineResultTypes.Output | PipelineResultTypes.Error,
        input: null,
        InnerCommand.Info,
        (Action<PSCmdlet>)Work);

    private bool IsStopped => _stopping.IsCancellationRequested || _cancellationToken.IsCancellationRequested;

    private static void Stop(object? shell) => PipelineStop.Begin((PowerShell)shell!);

    // PowerShell forgets a stop that comes before the pipeline has begun, and then runs the pipeline.
    private void Work(PSCmdlet command) => Remember(() =>
    {
        _begun = true;
        if (IsStopped)
        {
            throw new PipelineStoppedException();
        }

        _work(command);
    });

    // An exception from downstream must not be mistaken for an error of the code.
    private void Receive(object? sender, DataAddingEventArgs e) => Remember(() => _receive!((PSObject?)e.ItemAdded));

    private void Remember(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            _thrown ??= ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }
}
