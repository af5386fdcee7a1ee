using System.Collections;

namespace AsyncPs.Http.Requests;

/// <summary>
/// What the requests of a call have in common. The properties of a pipeline object win, except over parameters that the user bound.
/// </summary>
internal sealed record RequestTemplate
{
    /// <summary>
    /// The URIs as the user wrote them: text, URIs, or blocks that make them from the input object. Null if the input names them.
    /// </summary>
    public IReadOnlyList<object?>? Uris { get; init; }

    /// <summary>The method, or null for the default.</summary>
    public string? Method { get; init; }

    /// <summary>Headers by name.</summary>
    public object? Headers { get; init; }

    /// <summary>The body: text, bytes, a file, fields, or a block that makes one from the input object.</summary>
    public object? Body { get; init; }

    /// <summary>The fields of a form with files.</summary>
    public object? Form { get; init; }

    /// <summary>The file with the body.</summary>
    public string? InFile { get; init; }

    /// <summary>The media type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>The User-Agent header.</summary>
    public Header UserAgent { get; init; } = new("User-Agent", "AsyncPs");

    /// <summary>The file for the response.</summary>
    public string? OutFile { get; init; }

    /// <summary>The Authorization header, or null.</summary>
    public Header? Authorization { get; init; }

    /// <summary>Whether the authorization may be sent without TLS.</summary>
    public bool AllowsUnencryptedAuthentication { get; init; }

    /// <summary>The headers of the session.</summary>
    public IReadOnlyList<Header> SessionHeaders { get; init; } = [];

    /// <summary>Converts a path of the user to a file system path.</summary>
    public Func<string, string> ResolvePath { get; init; } = Path.GetFullPath;

    /// <summary>Whether a value must be evaluated for each object.</summary>
    public static bool IsBlock(object? value) => value is ScriptBlock or PSObject { BaseObject: ScriptBlock };

    /// <summary>A value that contains fields, or null.</summary>
    public static IDictionary? AsFields(object? value) => PSObjectExtensions.UnwrapUnlessCustom(value) as IDictionary;
}
