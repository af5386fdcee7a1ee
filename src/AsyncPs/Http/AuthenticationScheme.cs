namespace AsyncPs.Http;

/// <summary>How a request says who sends it, as for <c>Invoke-WebRequest</c>.</summary>
public enum AuthenticationScheme
{
    /// <summary>Not at all, or as the server asks for with <c>-Credential</c>.</summary>
    None,

    /// <summary>User name and password of <c>-Credential</c> (RFC 7617).</summary>
    Basic,

    /// <summary>The token of <c>-Token</c> (RFC 6750).</summary>
    Bearer,

    /// <summary>The same as <see cref="Bearer"/>.</summary>
    OAuth,
}
