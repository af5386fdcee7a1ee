using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Concurrency.Scripts.Capture;

/// <summary>
/// Values of a module that would be wrong in another session: those that are a session's own, and objects of the module's classes, of which each
/// session has classes of its own. The worker's module keeps what its import has made.
/// </summary>
internal static class SessionBound
{
    private const string ClassAssembly = "PowerShell Class Assembly";

    /// <summary>Whether a value is one.</summary>
    public static bool Is(object? value) => Wrapping.Unwrap(value) switch
    {
        null or string or ScriptBlock => false,
        EngineIntrinsics or SessionState or PSModuleInfo or PSHost or PSHostUserInterface or Runspace or Cmdlet or PowerShell => true,
        Type type => IsClass(type),
        var other => IsClass(other.GetType()),
    };

    private static bool IsClass(Type type)
        => type.HasElementType ? IsClass(type.GetElementType()!)
            : type.IsConstructedGenericType ? Array.Exists(type.GenericTypeArguments, IsClass)
            : type.Assembly is { IsDynamic: true } assembly && assembly.FullName?.StartsWith(ClassAssembly, StringComparison.Ordinal) == true;
}
