using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Values of a module that would be wrong in another session: objects that belong to a session, and objects of the module's classes, of
/// which each session has its own. The worker's module keeps the values of its own import.
/// </summary>
internal static class SessionBound
{
    /// <summary>Whether a value is bound to its session.</summary>
    public static bool Is(object? value) => PSObjectExtensions.Unwrap(value) switch
    {
        null or string or ScriptBlock => false,
        EngineIntrinsics or SessionState or PSModuleInfo or PSHost or PSHostUserInterface or Runspace or Cmdlet or PowerShell => true,
        Type type => ScriptClasses.Contain(type),
        var other => ScriptClasses.Contain(other.GetType()),
    };
}
