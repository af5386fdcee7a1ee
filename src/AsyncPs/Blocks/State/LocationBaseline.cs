namespace AsyncPs.Blocks.State;

/// <summary>
/// The current location, that of each drive, and the stacks of locations. Setting a location through PowerShell reads what is mounted; here
/// it is put back as it was.
/// </summary>
internal sealed class LocationBaseline
{
    private readonly EngineInternals.SessionTables _tables;
    private readonly PSDriveInfo? _current;
    private readonly (PSDriveInfo Drive, string Location)[] _drives;
    private readonly (ProviderInfo Provider, PSDriveInfo Drive)[] _ofProviders;
    private readonly (string Name, PathInfo[] Paths)[] _stacks;

    /// <summary>Notes what there is.</summary>
    public LocationBaseline(EngineInternals.SessionTables tables)
    {
        _tables = tables;
        _current = tables.CurrentDrive;
        _ofProviders = [.. tables.DrivesOfProviders.Select(static entry => (entry.Key, entry.Value))];
        _drives = [.. tables.Drives.Values.Union(tables.DrivesOfProviders.Values).Where(static drive => drive is not null)
            .Select(static drive => (drive, drive.CurrentLocation))];
        _stacks = StacksOf(tables);
    }

    /// <summary>
    /// Whether drives or stacks are not what they were. The location itself is told by `$PWD`, which PowerShell sets with it.
    /// </summary>
    public bool HasChanged => _tables.LocationStacks.Count != _stacks.Length || (_stacks.Length > 0 && StacksHaveChanged());

    /// <summary>The stacks that there are now, each from its top.</summary>
    public static (string Name, PathInfo[] Paths)[] StacksOf(EngineInternals.SessionTables tables)
        => [.. tables.LocationStacks.Select(static entry => (entry.Key, entry.Value.ToArray()))];

    /// <summary>Sets the stacks.</summary>
    public static void SetStacks(EngineInternals.SessionTables tables, (string Name, PathInfo[] Paths)[] stacks)
    {
        tables.LocationStacks.Clear();
        foreach ((string name, PathInfo[] paths) in stacks)
        {
            tables.LocationStacks[name] = new Stack<PathInfo>(paths.AsEnumerable().Reverse());
        }
    }

    /// <summary>Makes all of it what it was.</summary>
    public void Restore()
    {
        foreach ((PSDriveInfo drive, string location) in _drives)
        {
            drive.CurrentLocation = location;
        }

        foreach ((ProviderInfo provider, PSDriveInfo drive) in _ofProviders)
        {
            _tables.DrivesOfProviders[provider] = drive;
        }

        _tables.CurrentDrive = _current;
        _tables.ClearLocationHistory();
        SetStacks(_tables, _stacks);
    }

    private bool StacksHaveChanged()
        => Array.Exists(
            _stacks,
            stack => !_tables.LocationStacks.TryGetValue(stack.Name, out Stack<PathInfo>? now) || !now.SequenceEqual(stack.Paths));
}
