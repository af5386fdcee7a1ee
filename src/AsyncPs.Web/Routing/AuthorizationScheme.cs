namespace AsyncPs.Web;

/// <summary>How a client says who it is.</summary>
public enum AuthorizationScheme
{
    /// <summary>A user name and a password; the block finds them in <c>Credential</c>.</summary>
    Basic,

    /// <summary>A token after <c>Bearer</c> in the header <c>Authorization</c>; the block finds it in <c>Token</c>.</summary>
    Bearer,

    /// <summary>A key in the header <c>X-Api-Key</c>; the block finds it in <c>Token</c>.</summary>
    ApiKey,
}
