using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using AsyncPs.Blocks;
using AsyncPs.Blocks.Capture;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Shutdown;

namespace AsyncPs.Commands;

/// <summary>
/// Registers a block that runs once when the session ends: at Ctrl+C, at SIGTERM, when the module is removed, and when the process exits.
/// </summary>
[Cmdlet(VerbsLifecycle.Register, "ShutdownAction")]
[OutputType(typeof(ShutdownAction))]
public sealed class RegisterShutdownActionCommand : AsyncCommand
{
    private static int _last;

    /// <summary>The block. It runs on a worker and sees what it names in the caller's session, in its current state.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>A name for messages. Default: Action1 and so on.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>How long it may take; a number means seconds. Default: 5 s.</summary>
    [Parameter]
    [Duration(AllowInfinite = false, AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The values of `$args` or `param()` in the block.</summary>
    [Parameter]
    [Alias("Args")]
    public object?[]? ArgumentList { get; set; }

    /// <summary>Ignores Ctrl+C, which then only stops what runs and does not end the session.</summary>
    [Parameter]
    public SwitchParameter IgnoreInterrupt { get; set; }

    /// <summary>Writes the action. Disposing it unregisters the block.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    private protected override void End()
    {
        string name = Name ?? $"Action{Interlocked.Increment(ref _last)}";
        var block = new BackgroundBlock(ScriptBlock, ArgumentList, CaptureOptions.Default, this);
        PSHostUserInterface? screen = Host.UI;
        var action = new ShutdownAction(
            name,
            Timeout,
            IgnoreInterrupt,
            WorkItem.Current?.Call.Home ?? Runspace.DefaultRunspace,
            cancellationToken => block.RunAsync(input: null, work: null, cancellationToken, record => Show(record, screen)),
            exception => screen?.WriteErrorLine(ShutdownErrors.ShutdownActionFailed(name, exception)));
        ShutdownActions.Add(action);
        if (PassThru)
        {
            WriteObject(action);
        }
    }

    // The pipeline no longer exists, but usually there is a user at the screen.
    private static ValueTask Show(StreamRecord record, PSHostUserInterface? screen)
    {
        switch (record.Kind)
        {
            case StreamKind.Error:
                screen?.WriteErrorLine(record.Data!.ToString());
                break;
            case StreamKind.Warning:
                screen?.WriteWarningLine(record.Data!.ToString());
                break;
            case StreamKind.Information:
                screen?.WriteLine(record.Data!.ToString());
                break;
            case StreamKind.Host when screen is not null:
                ((HostText)record.Data!).Do(screen);
                break;
            default:
                break;
        }

        return default;
    }
}
