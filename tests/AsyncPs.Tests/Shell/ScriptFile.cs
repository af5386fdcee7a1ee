namespace AsyncPs.Tests.Shell;

/// <summary>A script in a folder of its own, whose name needs quoting and would match a wildcard.</summary>
public sealed class ScriptFile : IDisposable
{
    public ScriptFile(string text)
    {
        Folder = Directory.CreateTempSubdirectory("asyncps shell [1] ").FullName;
        Path = System.IO.Path.Combine(Folder, "the script.ps1");
        File.WriteAllText(Path, text);
    }

    public string Folder { get; }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
