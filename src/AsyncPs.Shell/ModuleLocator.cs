namespace AsyncPs.Shell;

/// <summary>Finds the built module: where the user says, or in the output folder of the repository the shell was built in.</summary>
internal static class ModuleLocator
{
    internal const string Variable = "ASYNCPS_MODULE";
    private const string Manifest = "AsyncPs.psd1";
    private const string Solution = "AsyncPs.sln";

    /// <summary>Returns the full path of the module's manifest.</summary>
    /// <exception cref="UsageException">There is no module there.</exception>
    internal static string Find(string? given)
    {
        string? path = given ?? Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(path))
        {
            path = RepositoryRoot() is { } root
                ? Path.Combine(root, "output", "AsyncPs")
                : throw Missing($"no {Solution} above {AppContext.BaseDirectory}");
        }

        path = Path.GetFullPath(path);
        if (Directory.Exists(path))
        {
            path = Path.Combine(path, Manifest);
        }

        return File.Exists(path) ? path : throw Missing($"{path} does not exist");
    }

    private static string? RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, Solution)))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }

    private static UsageException Missing(string why) => new(
        $"The AsyncPs module was not found: {why}. Build it with 'dotnet build {Solution}', or name it with -Module <path> or the environment variable {Variable}.",
        ExitCode.StartFailed);
}
