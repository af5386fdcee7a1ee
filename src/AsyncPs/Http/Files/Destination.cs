namespace AsyncPs.Http.Files;

/// <summary>
/// Where a body goes: a file that need not be there yet, or one that is there and keeps its mode, its owner and its other names.
/// </summary>
internal static class Destination
{
    private const int BufferSize = 64 * 1024;

    /// <summary>The path that a link leads to in the end; the path itself if it is no link, or leads in a circle.</summary>
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

    /// <summary>Fails if there is a file that cannot be written, before anything has been read for it.</summary>
    /// <exception cref="IOException">It is used by somebody else.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static void CheckWritable(string path)
    {
        if (File.Exists(path))
        {
            new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        }
    }

    /// <summary>Gives a complete file its real name; if there is a file of that name, writes into it.</summary>
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
