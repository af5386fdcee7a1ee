namespace AsyncPs.Web.Answers;

/// <summary>What kind of answer a block has written.</summary>
internal enum AnswerKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Texts only.</summary>
    Texts,

    /// <summary>Bytes only.</summary>
    Bytes,

    /// <summary>Objects.</summary>
    Objects,

    /// <summary>A whole response, a file or a stream.</summary>
    Special,
}

/// <summary>How the objects of a stream follow each other.</summary>
internal enum StreamShape
{
    /// <summary>It is no stream.</summary>
    None,

    /// <summary>A line of JSON each.</summary>
    JsonLines,

    /// <summary>Server-sent events.</summary>
    Events,
}

/// <summary>The form that objects have in an answer, as the route and what the client accepts make it.</summary>
/// <param name="Formatter">What makes bytes of objects.</param>
/// <param name="Stream">How they follow each other in a stream.</param>
/// <param name="AsArray">Whether even one object is an array.</param>
/// <param name="Depth">How deep objects are shown.</param>
internal sealed record AnswerShape(ObjectFormatter Formatter, StreamShape Stream, bool AsArray, int Depth)
{
    /// <summary>JSON, as most routes have it.</summary>
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
