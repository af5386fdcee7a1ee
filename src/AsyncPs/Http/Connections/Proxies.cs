namespace AsyncPs.Http.Connections;

/// <summary>The proxies of the system or the environment.</summary>
internal static class Proxies
{
    /// <summary>The proxy of a request for which the user names none; null if it goes directly to the server.</summary>
    public static Uri? OfSystem(Uri uri)
        => HttpClient.DefaultProxy is { } proxy && !proxy.IsBypassed(uri) && proxy.GetProxy(uri) is { } found && found != uri
            ? found
            : null;
}
