namespace AsyncPs.Http.Files;

/// <summary>
/// The names of the files that bodies grow in, beside the files they become. What may be continued has a name that another call finds:
/// <c>name.id-version.part</c>. Any other has a name that cannot be foreseen.
/// </summary>
/// <param name="path">The file it becomes.</param>
/// <param name="uri">The URI of the content if it may be continued, or null.</param>
internal sealed class PartFile(string path, Uri? uri)
{
    private const string Extension = ".part";

    private readonly string _prefix = $"{Path.GetFileName(path)}.{(uri is null ? "" : ContentVersion.Hash(uri.AbsoluteUri))}-";

    /// <summary>What an earlier call has left, or null.</summary>
    public UnfinishedFile? Find()
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            return null;
        }

        if (FileKinds.Of(path) == FileKind.Regular)
        {
            return Describe(path, version: null);
        }

        string? part = Directory.EnumerateFiles(folder, "*" + Extension, new EnumerationOptions { AttributesToSkip = 0 })
            .FirstOrDefault(f => Path.GetFileName(f).StartsWith(_prefix, StringComparison.Ordinal));
        if (part is null)
        {
            return null;
        }

        ContentVersion version = ContentVersion.Parse(Path.GetFileName(part)[_prefix.Length..^Extension.Length]);
        return version.Validator is null ? null : Describe(part, version);
    }

    /// <summary>Opens a new one, or one that is continued.</summary>
    /// <param name="version">The version of the content.</param>
    /// <param name="continued">What it goes on from, or null.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public FileStream Open(ContentVersion version, UnfinishedFile? continued)
    {
        string folder = Path.GetDirectoryName(path)!;
        string part = Path.Combine(folder, _prefix + version + Extension);
        if (continued is not null)
        {
            if (continued.Path != part)
            {
                File.Move(continued.Path, part, overwrite: true);
            }

            return Open(part, FileMode.Append);
        }

        if (uri is not null && TryOpenNew(part) is { } named)
        {
            return named;
        }

        return Open(Path.Combine(folder, $"{_prefix}{Path.GetRandomFileName()}{Extension}"), FileMode.CreateNew);
    }

    // Null when another request is writing to the same name; then each has its own.
    private FileStream? TryOpenNew(string part)
    {
        try
        {
            if (IsInUse(part))
            {
                return null;
            }

            // Of a link that somebody else has put there, this deletes the link: nothing is written through it.
            File.Delete(part);
            return Open(part, FileMode.CreateNew);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private bool IsInUse(string part)
    {
        if (FileKinds.Of(part) != FileKind.Regular || new FileInfo(part).LinkTarget is not null)
        {
            return false;
        }

        try
        {
            Open(part, FileMode.Open).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private FileStream Open(string part, FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        };
        if (mode == FileMode.CreateNew && !OperatingSystem.IsWindows() && File.Exists(path))
        {
            // What is there may be secret, and so may be what replaces it.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(part, options);
    }

    private static UnfinishedFile? Describe(string file, ContentVersion? version)
        => new FileInfo(file) is { Length: > 0, LinkTarget: null } info ? new UnfinishedFile(file, info.Length, version) : null;
}
