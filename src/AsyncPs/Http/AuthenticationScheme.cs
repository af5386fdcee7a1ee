namespace AsyncPs.Http;

/// <summary>How a request authenticates, as in <c>Invoke-WebRequest</c>.</summary>
public enum AuthenticationScheme
{
    /// <summary>Not at all, or with <c>-Credential</c> in the way that the server asks for.</summary>
    None,

    /// <summary>User name and password of <c>-Credential</c> (RFC 7617).</summary>
    Basic,

    /// <summary>The token of <c>-Token</c> (RFC 6750).</summary>
    Bearer,

    /// <summary>The same as <see cref="Bearer"/>.</summary>
    OAuth,
}
