namespace AsyncPs;

internal static partial class Errors
{
    /// <summary>The module was installed without its dependencies.</summary>
    public static Exception DependenciesMissing(string path)
        => new FileNotFoundException($"The module is not complete: '{path}' is missing. Install AsyncPs again.", path);
}
