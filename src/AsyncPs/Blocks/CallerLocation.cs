using System.Runtime.CompilerServices;
using AsyncPs.Blocks.Capture;
using AsyncPs.Workers;

namespace AsyncPs.Blocks;

/// <summary>Where the caller is: the current location, and the drives of the caller's own, which paths in a block may begin with.</summary>
internal sealed class CallerLocation
{
    private const string FileSystem = "FileSystem";

    // Those of a worker that calls have made there. They stay until a call comes whose caller has them not, or others of the same names.
    private static readonly ConditionalWeakTable<Worker, List<PSDriveInfo>> Made = [];

    private readonly string _path;
    private readonly PSDriveInfo? _drive;
    private readonly List<PSDriveInfo> _drives = [];

    /// <summary>Reads where the caller is.</summary>
    /// <param name="caller">The cmdlet the caller runs.</param>
    /// <exception cref="ConcurrentArgumentException">The current location is gone.</exception>
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

    /// <summary>Takes a worker there.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="command">The command of its pipeline.</param>
    /// <exception cref="ConcurrentArgumentException">It cannot go there.</exception>
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
            // Global, as paths that functions of modules are given begin with it too.
            ProviderInfo provider = command.SessionState.Provider.GetOne(wanted.Provider.Name);
            PSDriveInfo drive = new(wanted.Name, provider, wanted.Root, wanted.Description, wanted.Credential);
            made.Add(command.SessionState.Drive.New(drive, "global"));
        }
        catch (Exception e)
            when (e is not (PipelineStoppedException or ThreadInterruptedException) && !(_drive is not null && HaveOneName(wanted, _drive)))
        {
            // Its provider is a module's that workers have not, or it wants more than its root. Who names it is told that there is no such
            // drive.
        }
        catch (Exception e) when (e is not (PipelineStoppedException or ThreadInterruptedException))
        {
            throw CaptureErrors.LocationNotAvailable(_path, e.Message);
        }
    }

    // The location says it too, but asks its provider.
    private static string FolderOf(PathInfo location)
        => location.Drive is { } drive ? Path.Combine(drive.Root, drive.CurrentLocation.TrimStart('\\', '/')) : location.ProviderPath;

    // The public way looks up every mount of the machine, which costs more than all the rest.
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
