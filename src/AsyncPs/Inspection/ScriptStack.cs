using System.Management.Automation.Runspaces;

namespace AsyncPs.Inspection;

/// <summary>The statements that a session is in, read while it runs.</summary>
internal static class ScriptStack
{
    private const int LongestStatement = 120;

    // A session that runs pushes and pops while it is read; one that waits does not.
    private const int Tries = 3;

    /// <summary>The statements, innermost first, as <c>file:line statement</c>; those without a script as <c>line: statement</c>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="skipOutermost">How many of the outermost are left out: what this module runs around a block.</param>
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
                // It has gone on in between.
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
