namespace AsyncPs.Http.Connections;

/// <summary>Whether HTTP/3 is to be had: .NET speaks it by a library of the system that is often not there.</summary>
internal static class Http3
{
    // By name: to .NET 8 the type is still a preview.
    private static readonly Lazy<bool> Supported = new(static ()
        => Type.GetType("System.Net.Quic.QuicConnection, System.Net.Quic")?.GetProperty("IsSupported")?.GetValue(null) is true);

    /// <summary>Whether requests can be sent over it.</summary>
    public static bool IsSupported => Supported.Value;
}
