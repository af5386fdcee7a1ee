using AsyncPs.Http;
using AsyncPs.Http.Files;
using AsyncPs.Http.Responses;

namespace AsyncPs.Commands.Base;

/// <content>The parameters of the response.</content>
public abstract partial class HttpCommand
{
    /// <summary>The form of the output. Default: one <see cref="HttpResult"/>.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public ResponseFormat As { get; set; }

    /// <summary>Writes responses with an error status like others, instead of an error.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter SkipHttpErrorCheck { get; set; }

    /// <summary>How many bytes of a decompressed body, a line or an event may be in memory. Default: 256 MB.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(1, long.MaxValue)]
    public long MaximumResponseSize { get; set; } = HttpCallOptions.DefaultMaximumResponseSize;

    /// <summary>
    /// How many bytes of bodies, lines and events all requests of the call may hold in memory at once. Default: 1 GB, but at least
    /// -MaximumResponseSize.
    /// </summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(1, long.MaxValue)]
    public long MaximumTotalSize { get; set; } = MemoryBudget.DefaultLimit;

    /// <summary>The file for the body of a single request.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    /// <summary>The directory for the bodies, under the names that the server or the URI gives them. Created if missing.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? OutDirectory { get; set; }

    /// <summary>Keeps unfinished files, and continues those of an earlier call.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter Resume { get; set; }

    /// <summary>Follows the "next" link of the Link header to the next page, until there is none.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("FL")]
    public SwitchParameter FollowRelLink { get; set; }

    /// <summary>How many pages after the first are requested. Default: all.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("ML")]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumFollowRelLink { get; set; } = int.MaxValue;

    /// <summary>
    /// Finds the next page: <c>$_</c> is the output of the page, <c>$args[0]</c> its <see cref="HttpResult"/>. The block returns a URI, or
    /// a hashtable of what differs from this request (Uri, Method, Headers, Body, ContentType), or nothing after the last page.
    /// </summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    public ScriptBlock? NextPage { get; set; }

    private FileStore OpenFiles()
    {
        string? directory = OutDirectory is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(OutDirectory);
        if (directory is not null)
        {
            try
            {
                Directory.CreateDirectory(directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw HttpErrors.HttpArgumentInvalid(
                    $"-OutDirectory: '{directory}' cannot be created. {e.Message}", "HttpDirectoryNotMade");
            }
        }

        return new FileStore(directory, Resume);
    }
}
