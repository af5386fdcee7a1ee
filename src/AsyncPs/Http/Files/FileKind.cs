namespace AsyncPs.Http.Files;

/// <summary>What is at a path.</summary>
internal enum FileKind
{
    /// <summary>Nothing; a link may be there that leads to nothing.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>Something else: a device, a pipe, a socket or a directory.</summary>
    Other,
}
