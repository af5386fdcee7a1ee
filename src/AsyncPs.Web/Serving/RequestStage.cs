namespace AsyncPs.Web.Serving;

/// <summary>The progress of a request.</summary>
internal sealed class RequestStage
{
    /// <summary>Whether it no longer waits for a place.</summary>
    public bool HasStarted { get; set; }
}
