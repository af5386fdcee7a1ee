using AsyncPs.Throttling;

namespace AsyncPs.Web.Serving;

/// <summary>How requests are run.</summary>
internal sealed record AppOptions
{
    /// <summary>How many requests run at once.</summary>
    public int ThrottleLimit { get; init; } = 100;

    /// <summary>How many requests may wait for that.</summary>
    public int QueueLimit { get; init; } = 1000;

    /// <summary>A limiter that is shared with other work, or null.</summary>
    public Throttle? Throttle { get; init; }

    /// <summary>How long an answer may take to begin; infinite for no end.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Says who may come, or null.</summary>
    public ScriptBlock? Authorize { get; init; }

    /// <summary>How credentials are given; null where the server does not say.</summary>
    public AuthorizationScheme? Scheme { get; init; }

    /// <summary>The origins whose pages may open web sockets besides those of the server.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];
}
