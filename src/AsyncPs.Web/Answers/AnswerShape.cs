namespace AsyncPs.Web.Answers;

/// <summary>The kind of a block's answer.</summary>
internal enum AnswerKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Strings only.</summary>
    Texts,

    /// <summary>Bytes only.</summary>
    Bytes,

    /// <summary>Objects.</summary>
    Objects,

    /// <summary>A whole response, a file or a stream.</summary>
    Special,
}

/// <summary>How the objects of a stream are separated.</summary>
internal enum StreamShape
{
    /// <summary>It is not a stream.</summary>
    None,

    /// <summary>One line of JSON each.</summary>
    JsonLines,

    /// <summary>Server-sent events.</summary>
    Events,
}

/// <summary>The form of objects in an answer, according to the route and what the client accepts.</summary>
/// <param name="Formatter">Formats objects.</param>
/// <param name="Stream">How they are separated in a stream.</param>
/// <param name="AsArray">Whether a single object is written as an array.</param>
/// <param name="Depth">How many levels of objects are written.</param>
internal sealed record AnswerShape(ObjectFormatter Formatter, StreamShape Stream, bool AsArray, int Depth)
{
    /// <summary>JSON, the form of most routes.</summary>
    public static AnswerShape Plain { get; } = new(ObjectFormatter.Json, StreamShape.None, AsArray: false, Depth: 4);

    /// <summary>How objects are written in JSON.</summary>
    public JsonForm Json { get; } = JsonForm.ForClients with { Depth = Depth };

    /// <summary>The media type.</summary>
    public string MediaType => Stream switch
    {
        StreamShape.JsonLines => "application/jsonl; charset=utf-8",
        StreamShape.Events => "text/event-stream",
        _ => Formatter.MediaType,
    };
}
