using System.Management.Automation.Language;

namespace AsyncPs.Web;

/// <summary>A path of a web server and the block that answers requests to it. <c>New-AsyncRoute</c> creates it.</summary>
public sealed class AsyncRoute
{
    internal AsyncRoute(string path) => Path = path;

    /// <summary>The methods, in capitals; <c>WEBSOCKET</c> for a web socket.</summary>
    public string[] Method { get; internal init; } = ["GET"];

    /// <summary>The path, with the names of parameters in braces.</summary>
    public string Path { get; }

    /// <summary>The block; null if the route serves a folder.</summary>
    public ScriptBlock? ScriptBlock { get; internal init; }

    /// <summary>The folder whose files it serves; null if it has a block.</summary>
    public string? Folder { get; internal init; }

    /// <summary>The parameters of the block.</summary>
    public RouteParameter[] Parameter { get; internal init; } = [];

    /// <summary>Its name in the API description, or null.</summary>
    public string? Name { get; internal init; }

    /// <summary>Its synopsis, from the block's comment-based help, or null.</summary>
    public string? Synopsis => Help?.Synopsis?.Trim();

    /// <summary>Its groups in the API description.</summary>
    public string[] Tag { get; internal init; } = [];

    /// <summary>The status of an answer unless the block sets another.</summary>
    public int Status { get; internal init; } = 200;

    /// <summary>The media type of strings that the block writes.</summary>
    public string ContentType { get; internal init; } = "text/plain; charset=utf-8";

    /// <summary>The possible forms of an answer, in order of preference.</summary>
    public AnswerFormat[] Format { get; internal init; } = [AnswerFormat.Json];

    /// <summary>Whether each object is sent as soon as it is written.</summary>
    public bool Stream { get; internal init; }

    /// <summary>Whether the answer is always an array.</summary>
    public bool AsArray { get; internal init; }

    /// <summary>How many levels of objects are written in JSON.</summary>
    public int Depth { get; internal init; } = 4;

    /// <summary>Whether it admits all clients, whatever the server's -Authorize says.</summary>
    public bool Anonymous { get; internal init; }

    /// <summary>How clients authenticate; null for the server's scheme.</summary>
    public AuthorizationScheme? Scheme { get; internal init; }

    /// <summary>Whether it is left out of the API description.</summary>
    public bool Hidden { get; internal init; }

    /// <summary>The largest body in bytes; null for the server's.</summary>
    public long? MaximumBodySize { get; internal init; }

    /// <summary>How long an answer may take to start; null for the server's.</summary>
    public TimeSpan? RequestTimeout { get; internal init; }

    /// <summary>Whether the block reads the body as it arrives.</summary>
    public bool StreamBody { get; internal init; }

    /// <summary>Admits clients, or null.</summary>
    public ScriptBlock? Authorize { get; internal init; }

    /// <summary>Whether it is a web socket.</summary>
    internal bool IsWebSocket => Method is [WebSocketMethod];

    /// <summary>The comment-based help of the block, or null.</summary>
    internal CommentHelpInfo? Help { get; init; }

    /// <summary>The method of web sockets.</summary>
    internal const string WebSocketMethod = "WEBSOCKET";

    /// <summary>The methods and the path.</summary>
    public override string ToString() => $"{string.Join(',', Method)} {Path}";
}
