namespace AsyncPs.Remote.Far;

/// <summary>Serves a caller in another process, one call after another.</summary>
internal sealed class FarServer
{
    /// <summary>The open call, or null.</summary>
    public FarCall? Call { get; set; }
}
