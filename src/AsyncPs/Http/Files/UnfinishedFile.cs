namespace AsyncPs.Http.Files;

/// <summary>An unfinished file that a download can resume.</summary>
/// <param name="Path">Its path: that of a part file, or the final path if another program has left it.</param>
/// <param name="Length">Its size.</param>
/// <param name="Version">The version of its content; null if only its date can tell.</param>
internal sealed record UnfinishedFile(string Path, long Length, ContentVersion? Version)
{
    /// <summary>Whether a response continues the same content.</summary>
    public bool IsContinuedBy(HttpResponseMessage response) => Version is { } version
        ? version.IsContinuedBy(ContentVersion.Of(response))
        : response.Content.Headers.LastModified is { } modified && modified <= File.GetLastWriteTimeUtc(Path);
}
