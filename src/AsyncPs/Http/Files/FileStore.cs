using AsyncPs.Http.Requests;

namespace AsyncPs.Http.Files;

/// <summary>Where the bodies of a call go when not into memory.</summary>
/// <param name="directory">The directory for those that name no file of their own; null if there must be none.</param>
/// <param name="resumes">Whether what an earlier call has left unfinished is continued.</param>
internal sealed class FileStore(string? directory, bool resumes)
{
    // As many as there are files in the directory: two URIs may end alike, and one file must not replace another of the same call.
    private readonly HashSet<string> _taken = new(OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether unfinished files are kept and continued.</summary>
    public bool Resumes { get; } = resumes;

    /// <summary>Whether the body of this request goes to a file.</summary>
    public bool Takes(HttpRequest request) => request.OutFile is not null || directory is not null;

    /// <summary>The path that the response would go to, as far as the request tells.</summary>
    public string ExpectedPath(HttpRequest request) => Named(request) ?? Path.Combine(directory!, SafeNames.Of(request.Uri));

    /// <summary>The path that the response goes to; no other of the call gets the same in the directory.</summary>
    public string FinalPath(HttpRequest request, HttpResponseMessage response)
        => Named(request) ?? Path.Combine(directory!, Claim(SafeNames.Of(response.Content.Headers, request.Uri)));

    /// <summary>Gives a path back that a response has not got to: a further attempt at it may have it.</summary>
    public void Release(HttpRequest request, string path)
    {
        if (request.OutFile is not null)
        {
            return;
        }

        lock (_taken)
        {
            _taken.Remove(Path.GetFileName(path));
        }
    }

    // The user means the file that a link leads to. A device is opened as it is named: what its links lead to may have no path.
    private static string? Named(HttpRequest request)
        => request.OutFile is { } file && FileKinds.Of(file) != FileKind.Other ? Destination.FollowLinks(file) : request.OutFile;

    private string Claim(string name)
    {
        lock (_taken)
        {
            string claimed = name;
            for (int n = 2; IsTakenByOthers(Path.Combine(directory!, claimed)) || !_taken.Add(claimed); n++)
            {
                claimed = $"{Path.GetFileNameWithoutExtension(name)} ({n}){Path.GetExtension(name)}";
            }

            return claimed;
        }
    }

    // The server has chosen the name: it must not be led out of the directory, or to a device.
    private static bool IsTakenByOthers(string path) => FileKinds.Of(path) == FileKind.Other || new FileInfo(path).LinkTarget is not null;
}
