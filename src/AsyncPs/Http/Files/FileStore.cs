using AsyncPs.Http.Requests;

namespace AsyncPs.Http.Files;

/// <summary>The files for the bodies of a call.</summary>
/// <param name="directory">The directory for bodies whose request names no file; null if there is none.</param>
/// <param name="resumes">Whether unfinished files of an earlier call are resumed.</param>
internal sealed class FileStore(string? directory, bool resumes)
{
    // One per file in the directory. Two URIs may end alike, and a file must not replace another one of the same call.
    private readonly HashSet<string> _taken = new(OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether unfinished files are kept and resumed.</summary>
    public bool Resumes { get; } = resumes;

    /// <summary>Whether the body of this request goes to a file.</summary>
    public bool Takes(HttpRequest request) => request.OutFile is not null || directory is not null;

    /// <summary>The path for the response, as far as the request tells.</summary>
    public string ExpectedPath(HttpRequest request) => Named(request) ?? Path.Combine(directory!, SafeNames.Of(request.Uri));

    /// <summary>The path for the response; no other response of the call gets the same path in the directory.</summary>
    public string FinalPath(HttpRequest request, HttpResponseMessage response)
        => Named(request) ?? Path.Combine(directory!, Claim(SafeNames.Of(response.Content.Headers, request.Uri)));

    /// <summary>Releases a path that a response did not use, for a further attempt.</summary>
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

    // The user means the target of a link. A device is opened by its own name, because the target of its links may have no path.
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

    // The server chose the name, which must not lead out of the directory or to a device.
    private static bool IsTakenByOthers(string path) => FileKinds.Of(path) == FileKind.Other || new FileInfo(path).LinkTarget is not null;
}
