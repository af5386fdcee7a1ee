namespace AsyncPs.Web.Hosting;

/// <summary>
/// Makes web servers. What implements it, and all that it uses of the web framework, is loaded into a context of its own.
/// </summary>
internal interface IWebHosting
{
    /// <summary>Makes a server that does not listen yet.</summary>
    /// <param name="options">How it serves.</param>
    /// <param name="endpoints">What it serves.</param>
    /// <exception cref="ConcurrentArgumentException">An option or a path is wrong.</exception>
    IWebServer Create(ServerOptions options, IReadOnlyList<WebEndpoint> endpoints);
}

/// <summary>A web server, or one without a port that only requests of this process reach.</summary>
internal interface IWebServer : IAsyncDisposable
{
    /// <summary>Where it listens, as URIs; known once it has started.</summary>
    IReadOnlyList<string> Addresses { get; }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address is in use, or cannot be listened on.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Takes no more connections, and waits until the requests that run have ended.</summary>
    /// <param name="cancellationToken">Ends the waiting: what still runs is broken off.</param>
    Task StopAsync(CancellationToken cancellationToken);

    /// <summary>Has a request answered that comes by no connection. Only of a server without a port.</summary>
    Task<DirectAnswer> SendAsync(DirectRequest request, CancellationToken cancellationToken);
}

/// <summary>A path and what answers requests to it.</summary>
/// <param name="Methods">The methods, in capitals.</param>
/// <param name="Template">The path, with names in braces.</param>
/// <param name="Handle">Answers a request.</param>
internal sealed record WebEndpoint(IReadOnlyList<string> Methods, string Template, Func<IExchange, Task> Handle)
{
    /// <summary>The folder whose files it serves, or null.</summary>
    public string? Folder { get; init; }

    /// <summary>What it is called in the log, or null.</summary>
    public string? Name { get; init; }

    /// <summary>How many bytes the body of a request may have, or null: what the server says.</summary>
    public long? MaximumBodySize { get; init; }
}

/// <summary>A request of this process.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The path, with the query.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">The body; empty for none.</param>
internal sealed record DirectRequest(string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body);

/// <summary>The answer to a request of this process.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The headers, in order.</param>
/// <param name="Body">The body.</param>
internal sealed record DirectAnswer(int Status, IReadOnlyList<KeyValuePair<string, string[]>> Headers, byte[] Body);
