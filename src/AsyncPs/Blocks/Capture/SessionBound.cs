using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Values of a module that would be wrong in another session: those that are a session's own, and objects of the module's classes, of which
/// each session has classes of its own. The worker's module keeps what its import has made.
/// </summary>
internal static class SessionBound
{
    /// <summary>Whether a value is one.</summary>
    public static bool Is(object? value) => PSObjectExtensions.Unwrap(value) switch
    {
        null or string or ScriptBlock => false,
        EngineIntrinsics or SessionState or PSModuleInfo or PSHost or PSHostUserInterface or Runspace or Cmdlet or PowerShell => true,
        Type type => ScriptClasses.Contain(type),
        var other => ScriptClasses.Contain(other.GetType()),
    };
}
