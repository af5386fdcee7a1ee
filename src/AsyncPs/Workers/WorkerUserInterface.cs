using System.Collections.ObjectModel;
using System.Management.Automation.Host;
using System.Security;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// Passes what blocks show through their host ("What if:", Out-Host, $Host.UI) to the caller's host. A block cannot ask questions,
/// because many blocks would ask at the same time.
/// </summary>
internal sealed class WorkerUserInterface(WorkerStreams streams, WorkerHost host) : PSHostUserInterface
{
    private readonly WorkerRawUserInterface _raw = new(streams, host);

    /// <inheritdoc/>
    public override PSHostRawUserInterface RawUI => _raw;

    /// <inheritdoc/>
    public override bool SupportsVirtualTerminal => host.Caller?.UI?.SupportsVirtualTerminal == true;

    /// <inheritdoc/>
    public override void Write(string value) => Show(value, ui => ui.Write(value), newLine: false);

    /// <inheritdoc/>
    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
        => Show(value, ui => ui.Write(foregroundColor, backgroundColor, value), newLine: false, foregroundColor, backgroundColor);

    /// <inheritdoc/>
    public override void WriteLine() => WriteLine("");

    /// <inheritdoc/>
    public override void WriteLine(string value) => Show(value, ui => ui.WriteLine(value), newLine: true);

    /// <inheritdoc/>
    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
        => Show(value, ui => ui.WriteLine(foregroundColor, backgroundColor, value), newLine: true, foregroundColor, backgroundColor);

    /// <inheritdoc/>
    public override void WriteErrorLine(string value) => Show(value, ui => ui.WriteErrorLine(value), newLine: true);

    /// <inheritdoc/>
    public override void WriteDebugLine(string message) => Show(message, ui => ui.WriteDebugLine(message), newLine: true);

    /// <inheritdoc/>
    public override void WriteVerboseLine(string message) => Show(message, ui => ui.WriteVerboseLine(message), newLine: true);

    /// <inheritdoc/>
    public override void WriteWarningLine(string message) => Show(message, ui => ui.WriteWarningLine(message), newLine: true);

    /// <summary>Does nothing: progress arrives as a record of its own stream.</summary>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    /// <inheritdoc cref="WriteProgress"/>
    public override void WriteInformation(InformationRecord record)
    {
    }

    /// <inheritdoc/>
    public override string ReadLine() => throw CannotAsk();

    /// <inheritdoc/>
    public override SecureString ReadLineAsSecureString() => throw CannotAsk();

    /// <inheritdoc/>
    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
        => throw CannotAsk();

    /// <inheritdoc/>
    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        => throw CannotAsk();

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName)
        => throw CannotAsk();

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options)
        => throw CannotAsk();

    private static PSNotImplementedException CannotAsk()
        => new(
            "A block cannot ask questions: many blocks would ask at once. Ask before the command, or give the block its answer (-Force, "
                + "-Confirm:$false, parameters).");

    private void Show(
        string? value, Action<PSHostUserInterface> show, bool newLine, ConsoleColor? foreground = null, ConsoleColor? background = null)
    {
        if (streams.IsEcho(value))
        {
            return;
        }

        var text = new HostInformationMessage
        {
            Message = value ?? "",
            NoNewLine = !newLine,
            ForegroundColor = foreground,
            BackgroundColor = background,
        };
        streams.Accept(StreamKind.Host, new HostText(show, text));
    }
}
