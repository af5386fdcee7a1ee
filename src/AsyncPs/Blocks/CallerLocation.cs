using System.Runtime.CompilerServices;
using AsyncPs.Blocks.Capture;
using AsyncPs.Workers;

namespace AsyncPs.Blocks;

/// <summary>The caller's current location, and the caller's own drives, with which paths in a block may begin.</summary>
internal sealed class CallerLocation
{
    private const string FileSystem = "FileSystem";

    // The drives that calls have made in a worker. They stay until a call whose caller lacks them or has others of the same names.
    private static readonly ConditionalWeakTable<Worker, List<PSDriveInfo>> Made = [];

    private readonly string _path;
    private readonly PSDriveInfo? _drive;
    private readonly List<PSDriveInfo> _drives = [];

    /// <summary>Reads the caller's location and drives.</summary>
    /// <param name="caller">The cmdlet the caller runs.</param>
    /// <exception cref="ConcurrentArgumentException">The current location no longer exists.</exception>
    public CallerLocation(PSCmdlet caller)
    {
        PathInfo location = caller.SessionState.Path.CurrentLocation;
        _path = location.Path;
        _drive = location.Drive;
        if (location.Provider.Name == FileSystem && !Directory.Exists(FolderOf(location)))
        {
            throw CaptureErrors.LocationNotAvailable(_path, "the directory does not exist.");
        }

        foreach (PSDriveInfo drive in DrivesOf(caller.SessionState))
        {
            if (!IsInEverySession(drive) && !_drives.Exists(other => HaveOneName(other, drive)))
            {
                _drives.Add(drive);
            }
        }
    }

    /// <summary>Gives a worker the drives and sets its location.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="command">The command of its pipeline.</param>
    /// <exception cref="ConcurrentArgumentException">The location is not available there.</exception>
    public void Apply(Worker worker, PSCmdlet command)
    {
        if (_drives.Count > 0 || Made.TryGetValue(worker, out _))
        {
            SetDrives(Made.GetOrCreateValue(worker), command);
        }

        PathIntrinsics path = command.SessionState.Path;
        PathInfo current = path.CurrentLocation;
        if (current.Path == _path && current.Drive?.Root == _drive?.Root)
        {
            return;
        }

        try
        {
            path.SetLocation(WildcardPattern.Escape(_path));
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException or IOException or UnauthorizedAccessException)
        {
            throw CaptureErrors.LocationNotAvailable(_path, e.Message);
        }
    }

    private void SetDrives(List<PSDriveInfo> made, PSCmdlet command)
    {
        DriveManagementIntrinsics drives = command.SessionState.Drive;
        foreach (PSDriveInfo old in made.FindAll(old => !_drives.Exists(wanted => AreSame(wanted, old))))
        {
            if (command.SessionState.Path.CurrentLocation.Drive is { } current && HaveOneName(current, old))
            {
                command.SessionState.Path.SetLocation(WildcardPattern.Escape(Path.GetTempPath()));
            }

            drives.Remove(old.Name, force: true, "global");
            made.Remove(old);
        }

        foreach (PSDriveInfo wanted in _drives)
        {
            if (!made.Exists(there => AreSame(wanted, there)))
            {
                Make(wanted, made, command);
            }
        }
    }

    private void Make(PSDriveInfo wanted, List<PSDriveInfo> made, PSCmdlet command)
    {
        try
        {
            // Global, because paths that are passed to functions of modules may begin with the drive too.
            ProviderInfo provider = command.SessionState.Provider.GetOne(wanted.Provider.Name);
            PSDriveInfo drive = new(wanted.Name, provider, wanted.Root, wanted.Description, wanted.Credential);
            made.Add(command.SessionState.Drive.New(drive, "global"));
        }
        catch (Exception e)
            when (e is not (PipelineStoppedException or ThreadInterruptedException) && !(_drive is not null && HaveOneName(wanted, _drive)))
        {
            // The drive's provider belongs to a module that workers lack, or needs more than a root. A block that names the drive gets
            // the error that it does not exist.
        }
        catch (Exception e) when (e is not (PipelineStoppedException or ThreadInterruptedException))
        {
            throw CaptureErrors.LocationNotAvailable(_path, e.Message);
        }
    }

    // The location has the path too, but would ask its provider.
    private static string FolderOf(PathInfo location)
        => location.Drive is { } drive ? Path.Combine(drive.Root, drive.CurrentLocation.TrimStart('\\', '/')) : location.ProviderPath;

    // The public API looks up every mount of the machine, which costs more than all the rest.
    private static IEnumerable<PSDriveInfo> DrivesOf(SessionState session)
    {
        if (EngineInternals.Scopes is not { } scopes)
        {
            foreach (PSDriveInfo drive in session.Drive.GetAll())
            {
                yield return drive;
            }

            yield break;
        }

        for (object? scope = scopes.Current(session); scope is not null; scope = scopes.Parent(scope))
        {
            foreach (PSDriveInfo drive in scopes.Drives(scope))
            {
                yield return drive;
            }
        }
    }

    private static bool IsInEverySession(PSDriveInfo drive) => drive.Provider.Name switch
    {
        "Registry" => drive.Name is "HKLM" or "HKCU",
        FileSystem => drive.Name.Length == 1 || (drive.Name == "Temp" && drive.Root == Path.GetTempPath()),
        _ => drive.Name is "Alias" or "Env" or "Function" or "Variable" or "Cert" or "WSMan",
    };

    private static bool AreSame(PSDriveInfo one, PSDriveInfo other)
        => HaveOneName(one, other) && one.Root == other.Root && one.Provider.Name == other.Provider.Name;

    private static bool HaveOneName(PSDriveInfo one, PSDriveInfo other) => one.Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase);
}
