using System.Globalization;
using System.Management.Automation.Host;

namespace AsyncPs.Workers;

/// <summary>The host of a worker's session: it passes on what blocks show, and is for the rest what the host of the caller is.</summary>
internal sealed class WorkerHost : PSHost
{
    private readonly WorkerUserInterface _ui;

    /// <summary>Makes a host.</summary>
    /// <param name="streams">Takes what is shown.</param>
    public WorkerHost(WorkerStreams streams) => _ui = new WorkerUserInterface(streams, this);

    /// <summary>The host of the session that the worker's call comes from; null between calls.</summary>
    public PSHost? Caller { get; set; }

    /// <summary>
    /// The host of the session that all of it comes from, where the worker's call is one of a worker; null between calls, or where
    /// warnings are not wanted.
    /// </summary>
    public PSHost? Home { get; set; }

    /// <summary>The host of the worker whose thread this is, or null.</summary>
    [field: ThreadStatic]
    public static WorkerHost? OnThisThread { get; set; }

    /// <summary>The engine asks for it once, and a worker serves many callers.</summary>
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

    /// <summary>Programs write to the console by themselves.</summary>
    public override void NotifyBeginApplication()
    {
    }

    /// <inheritdoc cref="NotifyBeginApplication"/>
    public override void NotifyEndApplication()
    {
    }

    /// <summary>The caller's session does not end with a block.</summary>
    public override void SetShouldExit(int exitCode)
    {
    }
}
