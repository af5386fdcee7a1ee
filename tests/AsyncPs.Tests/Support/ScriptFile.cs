namespace AsyncPs.Tests.Support;

/// <summary>A script in a folder of its own, whose name needs quoting and would match a wildcard.</summary>
public sealed class ScriptFile : IDisposable
{
    private readonly TempFolder _folder = new("asyncps script [1] ");

    public ScriptFile(string text, string extension = ".ps1")
    {
        Path = _folder["the script" + extension];
        File.WriteAllText(Path, text);
    }

    public string Folder => _folder.Path;

    public string Path { get; }

    public void Dispose() => _folder.Dispose();
}
