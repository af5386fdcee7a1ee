using System.Net;
using AsyncPs.Http.Connections;
using AsyncPs.Http.Files;
using AsyncPs.Http.Paging;
using AsyncPs.Http.Responses;

namespace AsyncPs.Http;

/// <summary>How the requests of a call are sent and their responses are read.</summary>
internal sealed record HttpCallOptions
{
    /// <summary>The default of <see cref="MaximumRedirection"/>, as in Invoke-WebRequest.</summary>
    public const int DefaultMaximumRedirection = 5;

    /// <summary>The default of <see cref="MaximumResponseSize"/>: 256 MB.</summary>
    public const long DefaultMaximumResponseSize = 256L * 1024 * 1024;

    /// <summary>The default of <see cref="ConnectionTimeout"/> and <see cref="OperationTimeout"/>, in seconds.</summary>
    public const int DefaultTimeoutSeconds = 100;

    /// <summary>The form of the output.</summary>
    public ResponseFormat As { get; init; }

    /// <summary>The version of HTTP.</summary>
    public Version Version { get; init; } = HttpVersion.Version11;

    /// <summary>How many redirects a request follows; none if zero.</summary>
    public int MaximumRedirection { get; init; } = DefaultMaximumRedirection;

    /// <summary>Whether redirects from https to http are followed.</summary>
    public bool AllowsInsecureRedirect { get; init; }

    /// <summary>Whether a redirect keeps the method where it would become GET.</summary>
    public bool KeepsMethodOnRedirect { get; init; }

    /// <summary>Whether an error status is not an error.</summary>
    public bool SkipsErrorCheck { get; init; }

    /// <summary>How long to wait for the headers of the response; null for no limit.</summary>
    public TimeSpan? ConnectionTimeout { get; init; }

    /// <summary>How long to wait for more of a body; null for no limit.</summary>
    public TimeSpan? OperationTimeout { get; init; }

    /// <summary>How many bytes of a decompressed body may be in memory; the same for a line and an event of a stream.</summary>
    public long MaximumResponseSize { get; init; } = DefaultMaximumResponseSize;

    /// <summary>How many bytes all requests of the call together may hold in memory.</summary>
    public MemoryBudget Memory { get; init; } = new(MemoryBudget.DefaultLimit);

    /// <summary>The cookies of the call.</summary>
    public CookieContainer Cookies { get; init; } = new();

    /// <summary>The file store, or null if the user named no directory.</summary>
    public FileStore? Files { get; init; }

    /// <summary>Finds the next page of a response, or null for only one page.</summary>
    public INextPage? NextPage { get; init; }

    /// <summary>How many pages after the first are requested.</summary>
    public int MaximumPages { get; init; } = int.MaxValue;

    /// <summary>The settings of the connections.</summary>
    public ConnectionSettings Connections { get; init; } = new();
}
