using System.Collections;
using AsyncPs.Commands.Parameters;
using AsyncPs.Web.Routing;

namespace AsyncPs.Web.Commands;

/// <summary>
/// Creates a route of a web server: a path and the block that answers requests to it (FastAPI's <c>@app.get</c>); or a folder of files.
/// </summary>
[Cmdlet(VerbsCommon.New, "AsyncRoute", DefaultParameterSetName = BlockSet)]
[OutputType(typeof(AsyncRoute))]
public sealed class NewAsyncRouteCommand : PSCmdlet
{
    private const string BlockSet = "Block";
    private const string FolderSet = "Folder";

    /// <summary>The methods, or WebSocket.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RouteMethodCompleter))]
    public string[] Method { get; set; } = [];

    /// <summary>The path, with the names of parameters in braces.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = BlockSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = FolderSet)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Answers a request. The values of its <c>param()</c> come from the path, the query and the body.</summary>
    [Parameter(Mandatory = true, Position = 2, ParameterSetName = BlockSet)]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>The folder whose files are served.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FolderSet)]
    [ValidateNotNullOrEmpty]
    public string? Folder { get; set; }

    /// <summary>Parameters that come from headers: their names, and the names of the headers.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNull]
    public IDictionary? Header { get; set; }

    /// <summary>Parameters that come from cookies: their names, and the names of the cookies.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNull]
    public IDictionary? Cookie { get; set; }

    /// <summary>Admits a client, given the request as `$_`, by writing a value. Default: the server's.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Authorize { get; set; }

    /// <summary>How clients authenticate. Default: the server's.</summary>
    [Parameter]
    public AuthorizationScheme? Scheme { get; set; }

    /// <summary>Admits all clients, whatever the server's -Authorize says.</summary>
    [Parameter]
    public SwitchParameter Anonymous { get; set; }

    /// <summary>The possible forms of objects, from which the client chooses. Default: JSON.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public AnswerFormat[] Format { get; set; } = [AnswerFormat.Json];

    /// <summary>The media type of strings that the block writes. Default: <c>text/plain; charset=utf-8</c>.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AnswerTypeCompleter))]
    public string ContentType { get; set; } = "text/plain; charset=utf-8";

    /// <summary>
    /// The status of an answer unless the block sets another. Default: 200, and 204 if the block writes nothing.
    /// </summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateRange(200, 599)]
    public int Status { get; set; } = 200;

    /// <summary>
    /// Sends each object as soon as it is written: as a line of JSON, or as a server-sent event to clients that request it.
    /// </summary>
    [Parameter(ParameterSetName = BlockSet)]
    public SwitchParameter Stream { get; set; }

    /// <summary>Makes the answer an array even for one object or none.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public SwitchParameter AsArray { get; set; }

    /// <summary>How many levels of objects are written. Default: 4.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateRange(1, 100)]
    public int Depth { get; set; } = 4;

    /// <summary>The largest body of a request, in bytes. Default: the server's.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateRange(0L, long.MaxValue)]
    public long? MaximumBodySize { get; set; }

    /// <summary>How long the answer may take to start. Default: the server's.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>Leaves the body to the block, which reads it as it arrives.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public SwitchParameter StreamBody { get; set; }

    /// <summary>The name in the API description. Default: made from the method and the path.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidatePattern("^[A-Za-z_][A-Za-z0-9_.-]*$")]
    public string? Name { get; set; }

    /// <summary>The groups of the route in the API description. Default: none.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    /// <summary>Leaves the route out of the API description.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public SwitchParameter Hidden { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            WriteObject(Create());
        }
        catch (ConcurrentArgumentException e)
        {
            ThrowTerminatingError(e.Record);
        }
    }

    private AsyncRoute Create()
    {
        if (!RoutePath.IsValid(Path, out string? fault))
        {
            throw WebErrors.PathInvalid(Path, fault);
        }

        if (Anonymous && (Authorize is not null || Scheme is not null))
        {
            throw WebErrors.ArgumentInvalid(
                "-Anonymous lets every client in, so -Authorize and -Scheme have no effect with it. Leave one of them out.");
        }

        return ParameterSetName == FolderSet ? CreateFolder() : CreateBlock();
    }

    private AsyncRoute CreateFolder()
    {
        string folder = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Folder);
        if (!Directory.Exists(folder))
        {
            throw WebErrors.FolderNotFound(folder);
        }

        if (RoutePath.Names(Path).Count > 0)
        {
            throw WebErrors.PathInvalid(Path, "the path of a folder has no parameters");
        }

        return new AsyncRoute(Path.TrimEnd('/') + "/{**File}")
        {
            Folder = folder, Authorize = Authorize, Scheme = Scheme, Anonymous = Anonymous, Hidden = true
        };
    }

    private AsyncRoute CreateBlock()
    {
        string[] methods = [.. Method.Select(ReadMethod).Distinct(StringComparer.Ordinal)];
        if (methods.Length > 1 && methods.Contains(AsyncRoute.WebSocketMethod))
        {
            throw WebErrors.ArgumentInvalid(
                "-Method: a web socket needs its own route. Create another route for the other methods.",
                target: Method);
        }

        if (StreamBody && methods.Contains(AsyncRoute.WebSocketMethod))
        {
            throw WebErrors.ArgumentInvalid("-StreamBody: a request for a web socket has no body. Leave it out.");
        }

        bool hasBody = methods.Any(static method => method is not ("GET" or "HEAD" or "OPTIONS" or AsyncRoute.WebSocketMethod))
            && !StreamBody;
        return new AsyncRoute(Path)
        {
            Method = methods,
            ScriptBlock = ScriptBlock,
            Parameter = RouteDefinition.Read(ScriptBlock!, Path, hasBody, Header, Cookie),
            Help = RouteDefinition.HelpOf(ScriptBlock!),
            Authorize = Authorize,
            Scheme = Scheme,
            Anonymous = Anonymous,
            Format = [.. Format.Distinct()],
            ContentType = ContentType,
            Status = Status,
            Stream = Stream,
            AsArray = AsArray,
            Depth = Depth,
            MaximumBodySize = MaximumBodySize,
            RequestTimeout = RequestTimeout,
            StreamBody = StreamBody,
            Name = Name,
            Tag = Tag,
            Hidden = Hidden,
        };
    }

    private static string ReadMethod(string method)
        => method.Length > 0 && method.All(char.IsAsciiLetter)
            ? method.ToUpperInvariant()
            : throw WebErrors.ArgumentInvalid(
                $"-Method: '{method}' is not a method. Use GET, POST, PUT, PATCH, DELETE or another name made of letters, or WebSocket.",
                target: method);
}
