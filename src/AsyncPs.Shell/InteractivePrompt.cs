using System.Management.Automation.Language;
using AsyncPs.Shell.Hosting;

namespace AsyncPs.Shell;

/// <summary>Reads statements from the terminal and runs them until <c>exit</c> or the end of input (Ctrl+D).</summary>
internal sealed class InteractivePrompt(Session session, ShellHost host, Interruption interruption)
{
    private const string DefaultPrompt = "PS> ";
    private const string ContinuationPrompt = ">> ";
    private readonly LineEditor _editor = new();

    internal int Run()
    {
        interruption.BeginPrompting();
        while (host.ExitRequest is null && !interruption.Ending)
        {
            string prompt = session.Evaluate("prompt") is { Length: > 0 } text ? text : DefaultPrompt;
            if (!TryReadStatement(prompt, out string? statement))
            {
                break;
            }

            if (!string.IsNullOrWhiteSpace(statement))
            {
                session.RunInput(statement);
            }
        }

        return host.ExitRequest ?? (interruption.Ending ? interruption.ExitCode : null) ?? ExitCode.Success;
    }

    /// <summary>Reads lines until the parser has a whole statement. The statement is empty after Ctrl+C; false at the end of input.</summary>
    private bool TryReadStatement(string prompt, out string? statement)
    {
        statement = null;
        do
        {
            LineInput input = _editor.Read(statement is null ? prompt : ContinuationPrompt);
            if (input.Outcome is not LineOutcome.Entered)
            {
                statement = null;
                return input.Outcome is LineOutcome.Cancelled;
            }

            statement = statement is null ? input.Text : statement + '\n' + input.Text;
        }
        while (IsIncomplete(statement));

        return true;
    }

    private static bool IsIncomplete(string text)
    {
        Parser.ParseInput(text, out _, out ParseError[] errors);
        return Array.Exists(errors, static error => error.IncompleteInput);
    }
}
