using System.Collections;

namespace AsyncPs.Http.Requests;

/// <summary>
/// What the requests of a call have in common. What a pipeline object says about its own request goes before it, except where the user
/// bound a parameter.
/// </summary>
internal sealed record RequestTemplate
{
    /// <summary>
    /// The URIs, as the user wrote them: text, URIs, or blocks that make them of the input object. Null when the input names them.
    /// </summary>
    public IReadOnlyList<object?>? Uris { get; init; }

    /// <summary>The method, or null for the default.</summary>
    public string? Method { get; init; }

    /// <summary>Headers by name.</summary>
    public object? Headers { get; init; }

    /// <summary>The body: text, bytes, a file, fields, or a block that makes one of the input object.</summary>
    public object? Body { get; init; }

    /// <summary>The fields of a form with files.</summary>
    public object? Form { get; init; }

    /// <summary>The file that is the body.</summary>
    public string? InFile { get; init; }

    /// <summary>The media type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>What the requests call themselves.</summary>
    public Header UserAgent { get; init; } = new("User-Agent", "AsyncPs");

    /// <summary>The file the response goes to.</summary>
    public string? OutFile { get; init; }

    /// <summary>The Authorization header, or null.</summary>
    public Header? Authorization { get; init; }

    /// <summary>Whether the authorization may be sent without TLS.</summary>
    public bool AllowsUnencryptedAuthentication { get; init; }

    /// <summary>Headers the session adds.</summary>
    public IReadOnlyList<Header> SessionHeaders { get; init; } = [];

    /// <summary>Makes a file system path of what the user wrote.</summary>
    public Func<string, string> ResolvePath { get; init; } = Path.GetFullPath;

    /// <summary>Whether a value has to be asked for at every object.</summary>
    public static bool IsBlock(object? value) => value is ScriptBlock or PSObject { BaseObject: ScriptBlock };

    /// <summary>A value that holds fields, or null.</summary>
    public static IDictionary? AsFields(object? value) => PSObjectExtensions.UnwrapUnlessCustom(value) as IDictionary;
}
