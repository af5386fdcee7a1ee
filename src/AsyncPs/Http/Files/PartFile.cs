namespace AsyncPs.Http.Files;

/// <summary>
/// The names of the part files in which bodies grow, beside their final files. A part that may be resumed has a name that another call
/// finds: <c>name.id-version.part</c>. Any other has an unpredictable name.
/// </summary>
/// <param name="path">The final file.</param>
/// <param name="uri">The URI of the content if the part may be resumed, or null.</param>
internal sealed class PartFile(string path, Uri? uri)
{
    private const string Extension = ".part";

    private readonly string _prefix = $"{Path.GetFileName(path)}.{(uri is null ? "" : ContentVersion.Hash(uri.AbsoluteUri))}-";

    /// <summary>The part of an earlier call, or null.</summary>
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

    /// <summary>Opens a new part, or resumes an existing one.</summary>
    /// <param name="version">The version of the content.</param>
    /// <param name="continued">The existing part, or null.</param>
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

    // Null when another request writes to the same name; then each gets its own name.
    private FileStream? TryOpenNew(string part)
    {
        try
        {
            if (IsInUse(part))
            {
                return null;
            }

            // If the name is a link of another program, this deletes the link: nothing is written through it.
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
            // The existing file may be secret, and so may its replacement.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(part, options);
    }

    private static UnfinishedFile? Describe(string file, ContentVersion? version)
        => new FileInfo(file) is { Length: > 0, LinkTarget: null } info ? new UnfinishedFile(file, info.Length, version) : null;
}
