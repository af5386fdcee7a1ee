using System.Collections;

namespace AsyncPs.Remote;

/// <summary>Values as they have come from another process.</summary>
internal static class Arrived
{
    private const string ArrayName = "Deserialized.System.Object[]";

    /// <summary>The value as the block wrote it, as far as that can be: an array comes as a list.</summary>
    public static object? Value(object? value)
        => value is PSObject { BaseObject: ArrayList list } wrapped && wrapped.TypeNames is [ArrayName, ..] ? list.ToArray() : value;
}
