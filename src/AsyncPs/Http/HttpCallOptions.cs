using System.Net;
using AsyncPs.Http.Connections;
using AsyncPs.Http.Files;
using AsyncPs.Http.Paging;
using AsyncPs.Http.Responses;

namespace AsyncPs.Http;

/// <summary>How the requests of a call are sent and their responses read.</summary>
internal sealed record HttpCallOptions
{
    /// <summary>Default of <see cref="MaximumRedirection"/>, that of Invoke-WebRequest.</summary>
    public const int DefaultMaximumRedirection = 5;

    /// <summary>Default of <see cref="MaximumResponseSize"/>: 256 MB.</summary>
    public const long DefaultMaximumResponseSize = 256L * 1024 * 1024;

    /// <summary>Default of <see cref="ConnectionTimeout"/> and <see cref="OperationTimeout"/>, in seconds.</summary>
    public const int DefaultTimeoutSeconds = 100;

    /// <summary>What a response becomes.</summary>
    public ResponseFormat As { get; init; }

    /// <summary>The version of HTTP.</summary>
    public Version Version { get; init; } = HttpVersion.Version11;

    /// <summary>How many redirects a request follows; none if zero.</summary>
    public int MaximumRedirection { get; init; } = DefaultMaximumRedirection;

    /// <summary>Whether redirects from https to http are followed.</summary>
    public bool AllowsInsecureRedirect { get; init; }

    /// <summary>Whether a redirect keeps the method where it would become GET.</summary>
    public bool KeepsMethodOnRedirect { get; init; }

    /// <summary>Whether a status that says failure is no error.</summary>
    public bool SkipsErrorCheck { get; init; }

    /// <summary>How long the headers of the response may take, or null for ever.</summary>
    public TimeSpan? ConnectionTimeout { get; init; }

    /// <summary>How long nothing more of a body may come, or null for ever.</summary>
    public TimeSpan? OperationTimeout { get; init; }

    /// <summary>How many bytes of a body, decompressed, may be in memory; the same for a line and an event of a stream.</summary>
    public long MaximumResponseSize { get; init; } = DefaultMaximumResponseSize;

    /// <summary>How many bytes all requests of the call may hold in memory at once.</summary>
    public MemoryBudget Memory { get; init; } = new(MemoryBudget.DefaultLimit);

    /// <summary>The cookies of the call.</summary>
    public CookieContainer Cookies { get; init; } = new();

    /// <summary>Where files go, or null when the user named no directory.</summary>
    public FileStore? Files { get; init; }

    /// <summary>Where the next page of a response is, or null when there is only one.</summary>
    public INextPage? NextPage { get; init; }

    /// <summary>How many pages after the first are asked for.</summary>
    public int MaximumPages { get; init; } = int.MaxValue;

    /// <summary>The settings of the connections.</summary>
    public ConnectionSettings Connections { get; init; } = new();
}
