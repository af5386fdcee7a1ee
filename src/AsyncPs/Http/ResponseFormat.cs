namespace AsyncPs.Http;

/// <summary>The form of a response on the pipeline.</summary>
public enum ResponseFormat
{
    /// <summary>One <see cref="HttpResult"/> with status, headers and content.</summary>
    Result,

    /// <summary>The objects of a JSON body, as <c>ConvertFrom-Json</c> makes them; an array is written element by element.</summary>
    Json,

    /// <summary>The body as one string.</summary>
    Text,

    /// <summary>The body as one array of bytes.</summary>
    Bytes,

    /// <summary>One string per line, while the response still arrives.</summary>
    Lines,

    /// <summary>One <see cref="ServerSentEvent"/> per event, while the response still arrives.</summary>
    ServerSentEvents,
}
