using System.Globalization;
using System.Management.Automation.Host;

namespace AsyncPs.Workers;

/// <summary>The host of a worker's session. It passes on what blocks show, and otherwise acts as the caller's host.</summary>
internal sealed class WorkerHost : PSHost
{
    private readonly WorkerUserInterface _ui;

    /// <summary>Creates the host.</summary>
    /// <param name="streams">Receives what is shown.</param>
    public WorkerHost(WorkerStreams streams) => _ui = new WorkerUserInterface(streams, this);

    /// <summary>The host of the session that the worker's call comes from; null between calls.</summary>
    public PSHost? Caller { get; set; }

    /// <summary>
    /// The host of the session in which the work began, also when a worker is the caller; null between calls, or if warnings are not
    /// wanted.
    /// </summary>
    public PSHost? Home { get; set; }

    /// <summary>The call stack where the worker's call is made; null between calls.</summary>
    public CallerTrace? Trace { get; set; }

    /// <summary>The host of the worker whose thread this is, or null.</summary>
    [field: ThreadStatic]
    public static WorkerHost? OnThisThread { get; set; }

    /// <summary>A constant name: the engine asks for it once, and a worker serves many callers.</summary>
    public override string Name => "AsyncPs";

    /// <inheritdoc/>
    public override Version Version => typeof(WorkerHost).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public override Guid InstanceId { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    /// <inheritdoc/>
    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    /// <inheritdoc/>
    public override PSHostUserInterface UI => _ui;

    /// <inheritdoc/>
    public override PSObject? PrivateData => Caller?.PrivateData;

    /// <inheritdoc/>
    public override void EnterNestedPrompt() => throw new PSNotImplementedException();

    /// <inheritdoc/>
    public override void ExitNestedPrompt() => throw new PSNotImplementedException();

    /// <summary>Does nothing: programs write to the console directly.</summary>
    public override void NotifyBeginApplication()
    {
    }

    /// <inheritdoc cref="NotifyBeginApplication"/>
    public override void NotifyEndApplication()
    {
    }

    /// <summary>Does nothing: a block does not end the caller's session.</summary>
    public override void SetShouldExit(int exitCode)
    {
    }
}
