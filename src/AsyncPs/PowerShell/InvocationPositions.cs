using System.Management.Automation.Language;

namespace AsyncPs;

/// <summary>Where commands stand in scripts.</summary>
internal static class InvocationPositions
{
    /// <summary>Whether a command was called at a place in a script.</summary>
    public static bool IsAt(this InvocationInfo command, IScriptExtent place)
        => place.StartLineNumber == command.ScriptLineNumber
            && place.StartColumnNumber == command.OffsetInLine
            && (place.File ?? "") == (command.ScriptName ?? "")
            && place.StartScriptPosition.Line == command.Line;
}
