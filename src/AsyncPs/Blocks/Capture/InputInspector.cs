namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Inspects the objects that the blocks of a call get as input or as arguments, one at a time. It reports those that belong to the
/// caller's session. This costs next to nothing for consecutive objects of one type.
/// </summary>
/// <param name="affinity">Reports objects of script classes.</param>
/// <param name="callsBlocks">Whether the blocks might call a script block that they get.</param>
internal sealed class InputInspector(ClassAffinity affinity, Lazy<bool> callsBlocks)
{
    private readonly HashSet<string> _told = [];
    private Type? _last;

    /// <summary>Inspects an object.</summary>
    /// <param name="name">What the caller calls it.</param>
    /// <param name="value">The object.</param>
    /// <returns>A warning, or null.</returns>
    public string? Inspect(string name, object? value)
    {
        Type? type = PSObjectExtensions.Unwrap(value)?.GetType();
        if (type == _last || type is null)
        {
            return null;
        }

        _last = type;
        return affinity.Inspect(value)
            ?? (StrayBlocks.HolderIn(name, value, hasViews: false) is { } holder && callsBlocks.Value && _told.Add(holder)
                ? CaptureErrors.BlocksStay(holder)
                : null);
    }
}
