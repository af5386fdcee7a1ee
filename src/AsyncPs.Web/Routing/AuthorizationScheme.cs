namespace AsyncPs.Web;

/// <summary>How a client authenticates.</summary>
public enum AuthorizationScheme
{
    /// <summary>A user name and a password, in <c>Credential</c> of the request.</summary>
    Basic,

    /// <summary>A token after <c>Bearer</c> in the <c>Authorization</c> header, in <c>Token</c> of the request.</summary>
    Bearer,

    /// <summary>A key in the <c>X-Api-Key</c> header, in <c>Token</c> of the request.</summary>
    ApiKey,
}
