using AsyncPs.Concurrency;
using System.Management.Automation.Runspaces;
using System.Runtime.ExceptionServices;

namespace AsyncPs.Commands.Pipeline;

/// <summary>
/// Runs code where the caller is, in a pipeline within the caller's: it can be stopped while the caller goes on, and it can run while the
/// caller is being stopped, as a finally block does.
/// </summary>
internal sealed class NestedPipeline
{
    private const string Script = ". { & $args[0] -Work $args[1] } $args[0] $args[1]";

    // A pipeline within another has no streams of its own: unless they are merged, records go past the caller's redirections to the host.
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

    /// <summary>Whether this thread runs code of an inner pipeline.</summary>
    public static bool IsCurrent => _depth > 0;

    /// <summary>Runs code; what it throws is thrown here as it was.</summary>
    /// <param name="work">The code. It is given the inner pipeline's command.</param>
    /// <param name="receive">Is given every record of every stream, on this thread; or null: then output is dropped and the rest is the
    /// host's.</param>
    /// <param name="inTry">Whether errors that end a statement end the code, as within a `try`.</param>
    /// <param name="stopping">
    /// Canceled when the pipelines around it are being stopped. PowerShell stops inner pipelines first, and would miss one that begins
    /// just then. Default: the code runs also while they are stopped.
    /// </param>
    /// <param name="cancellationToken">Stops the code, and nothing around it.</param>
    /// <exception cref="OperationCanceledException">It was stopped by the token.</exception>
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
            // A script that a pipeline begins with is trusted, and the engine does not run it in the scope of constrained code.
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
            // PowerShell says in many ways that a pipeline was stopped before it had begun; one is to say nothing.
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

    // A stop that comes before the pipeline has begun is forgotten by PowerShell, which then runs it.
    private void Work(PSCmdlet command) => Remember(() =>
    {
        _begun = true;
        if (IsStopped)
        {
            throw new PipelineStoppedException();
        }

        _work(command);
    });

    // What has its cause downstream must not be mistaken for an error of the code.
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
