namespace AsyncPs.Http.Files;

/// <summary>
/// The file that a body is written to. It may not exist yet; an existing file keeps its mode, its owner and its other names.
/// </summary>
internal static class Destination
{
    private const int BufferSize = 64 * 1024;

    /// <summary>The path that a link finally leads to; the path itself if it is no link, or is part of a circle.</summary>
    public static string FollowLinks(string path)
    {
        try
        {
            return new FileInfo(path) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is { } target
                ? target.FullName
                : path;
        }
        catch (IOException)
        {
            return path;
        }
    }

    /// <summary>Fails if an existing file cannot be written, before its content is read.</summary>
    /// <exception cref="IOException">Another process uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">Writing it is not permitted.</exception>
    public static void CheckWritable(string path)
    {
        if (File.Exists(path))
        {
            new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        }
    }

    /// <summary>Gives a complete file its real name; writes into a file that already has that name.</summary>
    /// <param name="part">The complete file.</param>
    /// <param name="path">Its real name.</param>
    /// <exception cref="IOException">It cannot be written; the complete file stays.</exception>
    public static async ValueTask PublishAsync(string part, string path)
    {
        if (part == path)
        {
            return;
        }

        if (!File.Exists(path))
        {
            File.Move(part, path, overwrite: false);
            return;
        }

        var source = new FileStream(
            part,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            BufferSize,
            FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (source.ConfigureAwait(false))
        {
            var target = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, BufferSize, FileOptions.Asynchronous);
            await using (target.ConfigureAwait(false))
            {
                await source.CopyToAsync(target).ConfigureAwait(false);
                target.SetLength(source.Length);
            }
        }

        File.Delete(part);
    }
}
