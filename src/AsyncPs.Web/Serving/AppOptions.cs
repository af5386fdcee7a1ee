using AsyncPs.Throttling;

namespace AsyncPs.Web.Serving;

/// <summary>How requests are run.</summary>
internal sealed record AppOptions
{
    /// <summary>How many requests run at the same time.</summary>
    public int ThrottleLimit { get; init; } = 100;

    /// <summary>How many requests may wait to run.</summary>
    public int QueueLimit { get; init; } = 1000;

    /// <summary>A limiter that is shared with other work, or null.</summary>
    public Throttle? Throttle { get; init; }

    /// <summary>How long an answer may take to start; infinite for no limit.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Admits clients, or null.</summary>
    public ScriptBlock? Authorize { get; init; }

    /// <summary>How clients authenticate; null if the server does not say.</summary>
    public AuthorizationScheme? Scheme { get; init; }

    /// <summary>The origins whose pages may open web sockets, in addition to the server's own.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];
}
