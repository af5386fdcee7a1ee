namespace AsyncPs.Http;

/// <summary>What a response becomes on the pipeline.</summary>
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

    /// <summary>A string a line, while the response is still arriving.</summary>
    Lines,

    /// <summary>A <see cref="ServerSentEvent"/> an event, while the response is still arriving.</summary>
    ServerSentEvents,
}
