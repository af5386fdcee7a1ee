namespace AsyncPs.Web;

/// <summary>The errors of the module, each with an id. Every message names what is wrong and the remedy.</summary>
internal static class WebErrors
{
    /// <summary>The id of an error outside any route.</summary>
    public const string ServerFailedId = "ServerFailed";

    /// <summary>The id of the error for an answer of two kinds.</summary>
    public const string OutputMixedId = "RouteOutputMixed";

    /// <summary>A wrong argument.</summary>
    public static ConcurrentArgumentException ArgumentInvalid(string message, string id = "WebArgumentInvalid", object? target = null)
        => new(new ErrorRecord(new PSArgumentException(message), id, ErrorCategory.InvalidArgument, target));

    /// <summary>The web framework is missing.</summary>
    public static ConcurrentArgumentException FrameworkMissing(string platform, int major)
        => new(new ErrorRecord(
            new InvalidOperationException($"There is no ASP.NET Core {major} for {platform}: it is not installed, and the module does not "
                + $"ship it for this platform. "
                + $"Install the ASP.NET Core Runtime {major}, for example with your package manager as aspnetcore-runtime-{major}.0, and "
                + $"run the command again."),
            "FrameworkMissing",
            ErrorCategory.NotInstalled,
            platform));

    /// <summary>A path that cannot be served.</summary>
    public static ConcurrentArgumentException PathInvalid(string path, string fault)
        => ArgumentInvalid($"-Path '{path}' cannot be served: {fault}.", "RoutePathInvalid", path);

    /// <summary>A name in the path for which the block has no parameter.</summary>
    public static ConcurrentArgumentException PathParameterMissing(string path, string name)
        => ArgumentInvalid(
            $"The path {path} has {{{name}}}, but the block declares no parameter of that name. Begin the block with param(${name}), or "
                + $"read $AsyncRequest.PathValues.",
            "RouteParameterMissing",
            path);

    /// <summary>A header or cookie for a parameter that the block does not have.</summary>
    public static ConcurrentArgumentException MapInvalid(string parameter, string name)
        => ArgumentInvalid(
            $"-{parameter}: '{name}' is not a parameter of the block, or has no name of a {parameter.ToLowerInvariant()} beside it. Write "
                + $"@{{ Parameter = 'Name' }}.",
            "RouteParameterMissing",
            name);

    /// <summary>A folder that does not exist.</summary>
    public static ConcurrentArgumentException FolderNotFound(string path)
        => ArgumentInvalid($"-Folder '{path}' does not exist. Create it first, or use another one.", "RouteFolderNotFound", path);

    /// <summary>Two routes that match the same requests.</summary>
    public static ConcurrentArgumentException RoutesConflict(AsyncRoute route)
        => ArgumentInvalid($"Two routes match {route}. Remove one of them.", "RoutesConflict", route);

    /// <summary>An address that cannot be listened on.</summary>
    public static ErrorRecord CannotListen(string address, Exception exception)
        => new(
            new IOException(
                $"The server cannot listen on {address}: {exception.Message} Choose another -Port (0 is a free one), "
                    + "or stop the program that uses it.",
                exception),
            "CannotListen",
            ErrorCategory.ResourceUnavailable,
            address);

    /// <summary>A block wrote a complete answer together with other output.</summary>
    public static InvalidOperationException OutputMixed()
        => new("The block writes a response of New-AsyncResponse, a file or a stream, and something else. Such an answer must be the only "
            + "output: pass the rest as -Body, or assign it to $null.");

    /// <summary>A stream that cannot be read.</summary>
    public static InvalidOperationException StreamNeedsContent()
        => new("A stream of New-AsyncResponse cannot be read. Pass one that is open for reading.");

    /// <summary>An answer that was aborted.</summary>
    public static ErrorRecord AnswerBroken(IOException exception, string request)
        => new(exception, "AnswerBroken", ErrorCategory.InvalidResult, request);

    /// <summary>A server that does not exist.</summary>
    public static ErrorRecord ServerNotFound(object? what)
        => new(
            new ItemNotFoundException(
                what is null
                    ? "No server of this module runs in the process."
                    : $"No running server is called '{what}' or listens on that port. Get-Job lists the servers that run as jobs."),
            "ServerNotFound",
            ErrorCategory.ObjectNotFound,
            what);

    /// <summary>A server is open to all clients: a warning.</summary>
    public static string PublicWithoutProtection(string address, bool isPlain, bool isOpen)
        => $"The server listens on {address}, which other machines can reach"
            + (isPlain ? ", and without HTTPS: the traffic can be read on its way. Use -Certificate" : "")
            + (isOpen ? (isPlain ? "; " : ", and ") + "every client may use it. Use -Authorize" : "")
            + ", or listen on 127.0.0.1 behind a proxy that does so.";

    /// <summary>Records were dropped: a warning.</summary>
    public static string RecordsDropped(long count)
        => $"{count:N0} records of the server were dropped because they were not received in time. Receive the job, or write less.";
}
