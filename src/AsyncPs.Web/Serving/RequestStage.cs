namespace AsyncPs.Web.Serving;

/// <summary>How far a request has come.</summary>
internal sealed class RequestStage
{
    /// <summary>Whether it no longer waits for a place.</summary>
    public bool HasStarted { get; set; }
}
