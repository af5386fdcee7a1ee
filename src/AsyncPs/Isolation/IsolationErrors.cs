namespace AsyncPs.Isolation;

/// <summary>The errors of dependencies.</summary>
internal static class IsolationErrors
{
    /// <summary>A module was installed without its dependencies.</summary>
    public static Exception DependenciesMissing(string module, string path)
        => new FileNotFoundException($"The module is not complete: '{path}' is missing. Install {module} again.", path);
}
