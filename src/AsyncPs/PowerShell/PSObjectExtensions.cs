namespace AsyncPs;

/// <summary>Removes the wrapper that PowerShell puts around some objects.</summary>
internal static class PSObjectExtensions
{
    /// <summary>The object without the wrapper.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    /// <summary>The object without the wrapper, except for a custom object, whose properties belong to the wrapper.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static object? UnwrapUnlessCustom(object? value)
        => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
}
