using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace AsyncPs.Tests.Support;

/// <summary>A host that records what it is asked to show.</summary>
public sealed class RecordingHost : PSHost
{
    private readonly RecordingUserInterface _ui;

    public RecordingHost() => _ui = new RecordingUserInterface(this);

    public List<string> Shown { get; } = [];

    /// <summary>What was shown so far.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (Shown)
            {
                return [.. Shown];
            }
        }
    }

    public HashSet<int> Threads { get; } = [];

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Recording";

    public override PSHostUserInterface UI => _ui;

    public override Version Version { get; } = new(1, 0);

    public void Show(string text)
    {
        lock (Shown)
        {
            Shown.Add(text);
            Threads.Add(Environment.CurrentManagedThreadId);
        }
    }

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }
}

internal sealed class RecordingUserInterface(RecordingHost host) : PSHostUserInterface
{
    public override PSHostRawUserInterface RawUI { get; } = new RecordingRawUserInterface(host);

    public override void Write(string value) => host.Show(value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => host.Show(value);

    public override void WriteLine(string value) => host.Show(value + "\n");

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => host.Show(value + "\n");

    public override void WriteErrorLine(string value) => host.Show("error " + value);

    public override void WriteDebugLine(string message) => host.Show("debug " + message);

    public override void WriteVerboseLine(string message) => host.Show("verbose " + message);

    public override void WriteWarningLine(string message) => host.Show("warning " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (record.RecordType == ProgressRecordType.Processing)
        {
            host.Show($"progress {record.Activity} {record.ActivityId} in {record.ParentActivityId}");
        }
    }

    public override string ReadLine() => throw new NotSupportedException();

    public override System.Security.SecureString ReadLineAsSecureString() => throw new NotSupportedException();

    public override Dictionary<string, PSObject> Prompt(
        string caption, string message, System.Collections.ObjectModel.Collection<FieldDescription> descriptions)
        => throw new NotSupportedException();

    public override int PromptForChoice(
        string caption, string message, System.Collections.ObjectModel.Collection<ChoiceDescription> choices, int defaultChoice)
        => throw new NotSupportedException();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName)
        => throw new NotSupportedException();

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options)
        => throw new NotSupportedException();
}

internal sealed class RecordingRawUserInterface(RecordingHost host) : PSHostRawUserInterface
{
    public override ConsoleColor BackgroundColor { get; set; }

    public override Size BufferSize { get; set; } = new(80, 25);

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; }

    public override ConsoleColor ForegroundColor { get; set; }

    public override bool KeyAvailable => false;

    public override Size MaxPhysicalWindowSize => BufferSize;

    public override Size MaxWindowSize => BufferSize;

    public override Coordinates WindowPosition { get; set; }

    public override Size WindowSize { get; set; }

    public override string WindowTitle { get => ""; set => host.Show("title " + value); }

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
        => throw new NotSupportedException();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();
}
