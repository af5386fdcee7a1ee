namespace AsyncPs.Http.Connections;

/// <summary>Whether HTTP/3 is available. .NET needs a library of the system for it, which is often missing.</summary>
internal static class Http3
{
    // By name, because the type is still a preview in .NET 8.
    private static readonly Lazy<bool> Supported = new(static ()
        => Type.GetType("System.Net.Quic.QuicConnection, System.Net.Quic")?.GetProperty("IsSupported")?.GetValue(null) is true);

    /// <summary>Whether requests can be sent over HTTP/3.</summary>
    public static bool IsSupported => Supported.Value;
}
