namespace AsyncPs.Blocks.State;

/// <summary>
/// The current location, the location of each drive, and the location stacks. They are restored directly, because setting a location
/// through PowerShell reads the mounts of the machine.
/// </summary>
internal sealed class LocationBaseline
{
    private readonly EngineInternals.SessionTables _tables;
    private readonly PSDriveInfo? _current;
    private readonly (PSDriveInfo Drive, string Location)[] _drives;
    private readonly (ProviderInfo Provider, PSDriveInfo Drive)[] _ofProviders;
    private readonly (string Name, PathInfo[] Paths)[] _stacks;

    /// <summary>Records the current locations.</summary>
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
    /// Whether drives or stacks have changed. A change of the location itself shows in `$PWD`, which PowerShell sets with it.
    /// </summary>
    public bool HasChanged => _tables.LocationStacks.Count != _stacks.Length || (_stacks.Length > 0 && StacksHaveChanged());

    /// <summary>The current stacks, each from its top.</summary>
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

    /// <summary>Restores everything.</summary>
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
