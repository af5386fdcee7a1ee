namespace AsyncPs.Http.Connections;

/// <summary>The proxies that the system or the environment names.</summary>
internal static class Proxies
{
    /// <summary>The proxy that a request goes through when the user names none; null if it goes straight to the server.</summary>
    public static Uri? OfSystem(Uri uri)
        => HttpClient.DefaultProxy is { } proxy && !proxy.IsBypassed(uri) && proxy.GetProxy(uri) is { } found && found != uri
            ? found
            : null;
}
