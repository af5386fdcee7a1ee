namespace AsyncPs.Http.Files;

/// <summary>The kind of a file.</summary>
internal enum FileKind
{
    /// <summary>There is no file, or a link that leads nowhere.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A device, a pipe, a socket or a directory.</summary>
    Other,
}
