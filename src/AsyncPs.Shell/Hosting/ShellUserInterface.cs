using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;

namespace AsyncPs.Shell.Hosting;

/// <summary>
/// The console: output, warnings, verbose and debug lines on standard output as <c>pwsh</c> has them, errors on standard error,
/// progress on a terminal only. The engine's workers may write from several threads.
/// </summary>
internal sealed partial class ShellUserInterface(Interruption interruption, bool mayAsk) : PSHostUserInterface
{
    private readonly Lock _gate = new();
    private readonly ProgressLine _progress = new();
    private bool _atLineStart = true;
    private bool _everythingIsError;

    public override PSHostRawUserInterface RawUI { get; } = new ShellRawUserInterface();

    /// <summary>Whether either stream takes colours; what is written to one that does not has them removed.</summary>
    public override bool SupportsVirtualTerminal => Terminal.OutputColour || Terminal.ErrorColour;

    private static PSStyle.FormattingData Styles => PSStyle.Instance.Formatting;

    public override void Write(string value) => Emit(value, _everythingIsError);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(
        PSStyle.MapForegroundColorToEscapeSequence(foregroundColor)
        + (backgroundColor == RawUI.BackgroundColor ? string.Empty : PSStyle.MapBackgroundColorToEscapeSequence(backgroundColor))
        + value + PSStyle.Instance.Reset);

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
    {
        // The colour ends before the line does: a terminal paints the rest of the next line otherwise.
        Write(foregroundColor, backgroundColor, value);
        WriteLine();
    }

    public override void WriteErrorLine(string value) => Emit(value + Environment.NewLine, toError: true);

    public override void WriteWarningLine(string message) => WriteStyled(Styles.Warning, "WARNING: " + message);

    public override void WriteVerboseLine(string message) => WriteStyled(Styles.Verbose, "VERBOSE: " + message);

    public override void WriteDebugLine(string message) => WriteStyled(Styles.Debug, "DEBUG: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        lock (_gate)
        {
            if (_atLineStart)
            {
                _progress.Show(record);
            }
        }
    }

    /// <summary>Takes the progress line away: a pipeline that is over has no progress.</summary>
    internal void EndProgress()
    {
        lock (_gate)
        {
            _progress.Hide();
        }
    }

    /// <summary>Until disposed, all output goes to standard error: an error record put through the formatter comes out as output.</summary>
    internal IDisposable EverythingIsError()
    {
        _everythingIsError = true;
        return new Restore(this);
    }

    private void WriteStyled(string style, string message) => WriteLine(style + message + PSStyle.Instance.Reset);

    private void Emit(string text, bool toError)
    {
        if (!(toError ? Terminal.ErrorColour : Terminal.OutputColour) && text.Contains('\x1b'))
        {
            text = new StringDecorated(text).ToString(OutputRendering.PlainText);
        }

        lock (_gate)
        {
            _progress.Hide();
            (toError ? Console.Error : Console.Out).Write(text);
            _atLineStart = text is [.., '\n'] || (text.Length == 0 && _atLineStart);
        }
    }

    private sealed class Restore(ShellUserInterface owner) : IDisposable
    {
        public void Dispose() => owner._everythingIsError = false;
    }
}
