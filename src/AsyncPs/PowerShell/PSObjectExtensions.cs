namespace AsyncPs;

/// <summary>Takes objects out of the wrapper that PowerShell puts around some of them.</summary>
internal static class PSObjectExtensions
{
    /// <summary>The object as .NET knows it.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    /// <summary>The same; a custom object, whose properties are the wrapper's, stays in it.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static object? UnwrapUnlessCustom(object? value)
        => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
}
