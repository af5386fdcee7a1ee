using System.Management.Automation;

namespace AsyncPs.Tests.Support;

public static class ErrorRecordExtensions
{
    /// <summary>The target as scripts see it, whether the engine has wrapped it or not.</summary>
    public static object? Target(this ErrorRecord record)
        => record.TargetObject is PSObject wrapped ? wrapped.BaseObject : record.TargetObject;
}
