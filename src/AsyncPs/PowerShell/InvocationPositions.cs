using System.Management.Automation.Language;

namespace AsyncPs;

/// <summary>The positions of commands in scripts.</summary>
internal static class InvocationPositions
{
    /// <summary>Whether a command was called at a position in a script.</summary>
    public static bool IsAt(this InvocationInfo command, IScriptExtent place)
        => place.StartLineNumber == command.ScriptLineNumber
            && place.StartColumnNumber == command.OffsetInLine
            && (place.File ?? "") == (command.ScriptName ?? "")
            && place.StartScriptPosition.Line == command.Line;
}
