namespace AsyncPs;

/// <summary>The errors of dependencies.</summary>
internal static partial class Errors
{
    /// <summary>A module was installed without its dependencies.</summary>
    public static Exception DependenciesMissing(string module, string path)
        => new FileNotFoundException($"The module is not complete: '{path}' is missing. Install {module} again.", path);
}
