namespace AsyncPs.Tests.Support;

/// <summary>A folder of a test's own, which is removed with what is in it.</summary>
public sealed class TempFolder(string name = "asyncps ") : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory(name).FullName;

    /// <summary>The path of a file or a folder in it, whether it is there or not.</summary>
    public string this[params string[] names] => System.IO.Path.Combine([Path, .. names]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
