using System.Collections;

namespace AsyncPs.Remote;

/// <summary>Converts values that came from another process.</summary>
internal static class Arrived
{
    private const string ArrayName = "Deserialized.System.Object[]";

    /// <summary>The value as the block wrote it, as far as possible: an array arrives as a list.</summary>
    public static object? Value(object? value)
        => value is PSObject { BaseObject: ArrayList list } wrapped && wrapped.TypeNames is [ArrayName, ..] ? list.ToArray() : value;
}
