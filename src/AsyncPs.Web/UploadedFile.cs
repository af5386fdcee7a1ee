namespace AsyncPs.Web;

/// <summary>A file that a client has sent with a form.</summary>
public sealed class UploadedFile
{
    private readonly Func<Stream> _open;

    internal UploadedFile(string field, string name, string contentType, long length, Func<Stream> open)
    {
        Field = field;
        Name = name;
        ContentType = contentType;
        Length = length;
        _open = open;
    }

    /// <summary>The name of the form's field.</summary>
    public string Field { get; }

    /// <summary>
    /// The last part of the name that the client has given it. It may be anything: never make a path of it without looking.
    /// </summary>
    public string Name { get; }

    /// <summary>The media type that the client says it has.</summary>
    public string ContentType { get; }

    /// <summary>How many bytes it has.</summary>
    public long Length { get; }

    /// <summary>Opens it for reading, as long as the request lasts.</summary>
    public Stream OpenRead() => _open();

    /// <summary>Reads all of it.</summary>
    public byte[] ReadBytes()
    {
        using Stream stream = _open();
        byte[] bytes = new byte[Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Saves it, replacing a file that is there.</summary>
    /// <param name="path">A full path: the current folder of a process is not that of a session.</param>
    public void SaveAs(string path)
    {
        using Stream stream = _open();
        using FileStream file = File.Create(path);
        stream.CopyTo(file);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
