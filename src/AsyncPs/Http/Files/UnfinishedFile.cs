namespace AsyncPs.Http.Files;

/// <summary>An unfinished file that a download can go on from.</summary>
/// <param name="Path">Where it is: under the name of a part, or under the real name if something else has left it.</param>
/// <param name="Length">How much is there.</param>
/// <param name="Version">What it is a part of; null if only its date can tell.</param>
internal sealed record UnfinishedFile(string Path, long Length, ContentVersion? Version)
{
    /// <summary>Whether a response is a part of the same content.</summary>
    public bool IsContinuedBy(HttpResponseMessage response) => Version is { } version
        ? version.IsContinuedBy(ContentVersion.Of(response))
        : response.Content.Headers.LastModified is { } modified && modified <= File.GetLastWriteTimeUtc(Path);
}
