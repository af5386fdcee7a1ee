namespace AsyncPs.Web;

/// <summary>The errors of the module, made in one place, with an id each. Every message names what is wrong and the remedy.</summary>
internal static class WebErrors
{
    /// <summary>The id of an error outside any route.</summary>
    public const string ServerFailedId = "ServerFailed";

    /// <summary>The id of an answer of two kinds.</summary>
    public const string OutputMixedId = "RouteOutputMixed";

    /// <summary>An argument that is wrong.</summary>
    public static ConcurrentArgumentException ArgumentInvalid(string message, string id = "WebArgumentInvalid", object? target = null)
        => new(new ErrorRecord(new PSArgumentException(message), id, ErrorCategory.InvalidArgument, target));

    /// <summary>There is no web framework to load.</summary>
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

    /// <summary>A name in the path that the block has no parameter for.</summary>
    public static ConcurrentArgumentException PathParameterMissing(string path, string name)
        => ArgumentInvalid(
            $"The path {path} has {{{name}}}, and the block declares no parameter of that name. Begin the block with param(${name}), or "
                + $"read $AsyncRequest.PathValues.",
            "RouteParameterMissing",
            path);

    /// <summary>A header or cookie for a parameter that the block does not have.</summary>
    public static ConcurrentArgumentException MapInvalid(string parameter, string name)
        => ArgumentInvalid(
            $"-{parameter}: '{name}' is no parameter of the block, or has no name of a {parameter.ToLowerInvariant()} beside it. Write "
                + $"@{{ Parameter = 'Name' }}.",
            "RouteParameterMissing",
            name);

    /// <summary>A folder that is not there.</summary>
    public static ConcurrentArgumentException FolderNotFound(string path)
        => ArgumentInvalid($"-Folder '{path}' does not exist. Make it first, or name another.", "RouteFolderNotFound", path);

    /// <summary>Two routes for the same requests.</summary>
    public static ConcurrentArgumentException RoutesConflict(AsyncRoute route)
        => ArgumentInvalid($"Two routes are for {route}. Leave one out.", "RoutesConflict", route);

    /// <summary>An address that cannot be listened on.</summary>
    public static ErrorRecord CannotListen(string address, Exception exception)
        => new(
            new IOException(
                $"The server cannot listen on {address}: {exception.Message} Choose another -Port (0 is a free one), or stop what uses it.",
                exception),
            "CannotListen",
            ErrorCategory.ResourceUnavailable,
            address);

    /// <summary>A block has written a whole answer and something besides.</summary>
    public static InvalidOperationException OutputMixed()
        => new("The block writes a response of New-AsyncResponse, a file or a stream, and something else. Such an answer has to be all "
            + "that it writes: pass the rest as -Body, or assign it to $null.");

    /// <summary>A body that no answer can be made of.</summary>
    public static InvalidOperationException StreamNeedsContent()
        => new("A stream of New-AsyncResponse cannot be read. Pass one that is open for reading.");

    /// <summary>An answer that was broken off.</summary>
    public static ErrorRecord AnswerBroken(IOException exception, string request)
        => new(exception, "AnswerBroken", ErrorCategory.InvalidResult, request);

    /// <summary>There is no such server.</summary>
    public static ErrorRecord ServerNotFound(object? what)
        => new(
            new ItemNotFoundException(
                what is null
                    ? "No server of this module runs in the process."
                    : $"No server that runs is called '{what}' or listens on that port. Get-Job lists those that run as jobs."),
            "ServerNotFound",
            ErrorCategory.ObjectNotFound,
            what);

    /// <summary>A server is open to anybody.</summary>
    public static string PublicWithoutProtection(string address, bool isPlain, bool isOpen)
        => $"The server listens on {address}, which other machines reach"
            + (isPlain ? ", and without HTTPS: everything can be read on its way. Give -Certificate" : "")
            + (isOpen ? (isPlain ? "; " : ", and ") + "anybody may use it. Give -Authorize" : "")
            + ", or listen on 127.0.0.1 behind a proxy that does it.";

    /// <summary>Records were dropped.</summary>
    public static string RecordsDropped(long count)
        => $"{count:N0} records of the server were dropped because nobody took them in time. Receive the job, or write less.";
}
