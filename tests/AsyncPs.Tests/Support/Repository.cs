namespace AsyncPs.Tests.Support;

/// <summary>The repository that the tests were built in.</summary>
public static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    public static string Examples { get; } = Path.Combine(Root, "examples");

    /// <summary>The path of an example.</summary>
    public static string Example(string script) => Path.Combine(Examples, script);

    private static string FindRoot()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AsyncPs.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"No AsyncPs.sln above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}
