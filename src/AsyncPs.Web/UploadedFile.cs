namespace AsyncPs.Web;

/// <summary>A file of a form that a client has sent.</summary>
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
    /// The last part of the client's file name. It can be anything: check it before you use it in a path.
    /// </summary>
    public string Name { get; }

    /// <summary>The media type according to the client.</summary>
    public string ContentType { get; }

    /// <summary>Its size in bytes.</summary>
    public long Length { get; }

    /// <summary>Opens it for reading, during the request.</summary>
    public Stream OpenRead() => _open();

    /// <summary>Reads the complete content.</summary>
    public byte[] ReadBytes()
    {
        using Stream stream = _open();
        byte[] bytes = new byte[Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Saves it, replacing an existing file.</summary>
    /// <param name="path">A full path, because the current folder of the process differs from that of a session.</param>
    public void SaveAs(string path)
    {
        using Stream stream = _open();
        using FileStream file = File.Create(path);
        stream.CopyTo(file);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
