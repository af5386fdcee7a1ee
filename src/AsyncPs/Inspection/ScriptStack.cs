using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Inspection;

/// <summary>The statements that a session is in, read while it runs.</summary>
internal static class ScriptStack
{
    private const int LongestStatement = 120;

    // A running session pushes and pops frames while the stack is read; a waiting one does not.
    private const int Tries = 3;

    /// <summary>The statements, innermost first, as <c>file:line statement</c>; those without a script as <c>line: statement</c>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="skipOutermost">How many of the outermost frames to leave out: the frames of this module around a block.</param>
    public static IReadOnlyList<string> Read(Runspace session, int skipOutermost)
    {
        for (int i = 0; i < Tries; i++)
        {
            try
            {
                string[] frames = session.Debugger.GetCallStack().Select(Show).ToArray();
                return frames[..Math.Max(0, frames.Length - skipOutermost)];
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The session changed while it was read.
            }
        }

        return [];
    }

    /// <summary>A statement, as <see cref="Read"/> shows it.</summary>
    public static string Show(IScriptExtent place) => Show(place.Text, place.File, place.StartLineNumber);

    private static string Show(CallStackFrame frame) => Show(frame.Position?.Text, frame.ScriptName, frame.ScriptLineNumber);

    private static string Show(string? statement, string? file, int line)
    {
        string text = ViewText.Of(statement);
        text = text.Length > LongestStatement ? string.Concat(text.AsSpan(0, LongestStatement), "…") : text;
        return string.IsNullOrEmpty(file) ? text : $"{Path.GetFileName(file)}:{line} {text}";
    }
}
