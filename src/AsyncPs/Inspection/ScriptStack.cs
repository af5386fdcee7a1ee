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

    private static string Show(CallStackFrame frame)
    {
        string statement = ViewText.Of(frame.Position?.Text);
        statement = statement.Length > LongestStatement ? string.Concat(statement.AsSpan(0, LongestStatement), "…") : statement;
        return string.IsNullOrEmpty(frame.ScriptName)
            ? statement
            : $"{Path.GetFileName(frame.ScriptName)}:{frame.ScriptLineNumber} {statement}";
    }
}
