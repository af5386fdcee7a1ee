namespace AsyncPs.Web.Hosting;

/// <summary>
/// Creates web servers. The implementation and everything that it uses of the web framework are loaded into a separate context.
/// </summary>
internal interface IWebHosting
{
    /// <summary>Creates a server that does not listen yet.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="endpoints">Its endpoints.</param>
    /// <exception cref="ConcurrentArgumentException">An option or a path is wrong.</exception>
    IWebServer Create(ServerOptions options, IReadOnlyList<WebEndpoint> endpoints);
}

/// <summary>A web server, or one without a port that only this process can reach.</summary>
internal interface IWebServer : IAsyncDisposable
{
    /// <summary>The URIs it listens on, known after the start.</summary>
    IReadOnlyList<string> Addresses { get; }

    /// <summary>Starts to listen.</summary>
    /// <exception cref="IOException">The address is in use, or cannot be listened on.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Accepts no more connections, and waits until the running requests have ended.</summary>
    /// <param name="cancellationToken">Ends the wait: what still runs is aborted.</param>
    Task StopAsync(CancellationToken cancellationToken);

    /// <summary>Answers a request without a connection. Only for a server without a port.</summary>
    Task<DirectAnswer> SendAsync(DirectRequest request, CancellationToken cancellationToken);
}

/// <summary>A path and the code that answers requests to it.</summary>
/// <param name="Methods">The methods, in capitals.</param>
/// <param name="Template">The path, with parameter names in braces.</param>
/// <param name="Handle">Answers a request.</param>
internal sealed record WebEndpoint(IReadOnlyList<string> Methods, string Template, Func<IExchange, Task> Handle)
{
    /// <summary>The folder whose files it serves, or null.</summary>
    public string? Folder { get; init; }

    /// <summary>Its name in the log, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The largest body of a request, in bytes, or null for the server's.</summary>
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
