using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Http.Requests;

/// <summary>A request of an item, which records its progress.</summary>
/// <param name="method">The method.</param>
/// <param name="uri">The URI.</param>
/// <param name="item">The item.</param>
internal sealed class TrackedRequest(HttpMethod method, Uri uri, WorkItem item) : HttpRequestMessage(method, uri)
{
    private static readonly WaitNote Connection = new(WaitKind.Request, Text: "a connection to the server");
    private static readonly WaitNote Body = new(WaitKind.Request, Text: "the request to be sent");
    private static readonly WaitNote Response = new(WaitKind.Request, Text: "the response");

    /// <summary>It needs a connection.</summary>
    public void NoteBegin() => item.Waits = Connection;

    /// <summary>It has a connection. Called for every header, because .NET offers no other signal.</summary>
    public void NoteConnected()
    {
        if (item.Waits == Connection)
        {
            item.Waits = Content is null ? Response : Body;
        }
    }

    /// <summary>Its body has been sent.</summary>
    public void NoteSent()
    {
        // A server may have answered before.
        if (item.Waits == Body)
        {
            item.Waits = Response;
        }
    }
}
