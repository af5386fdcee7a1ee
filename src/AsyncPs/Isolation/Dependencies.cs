namespace AsyncPs.Isolation;

/// <summary>
/// The way to the third-party packages. Nothing of them is loaded before the first use, and never into the default context:
/// other modules of the session may have loaded other versions of the same packages there.
/// </summary>
internal static class Dependencies
{
    private static readonly Lazy<IDependencies> Instance = new(
        static () => DependencyLoadContext.Load<IDependencies>("AsyncPs dependencies", "AsyncPs.Dependencies", typeof(Dependencies).Assembly));

    /// <summary>The implementation, loaded on first use.</summary>
    /// <exception cref="FileNotFoundException">The folder `dependencies` of the module is not complete.</exception>
    public static IDependencies Current => Instance.Value;
}
