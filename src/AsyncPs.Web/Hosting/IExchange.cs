using System.Net.WebSockets;

namespace AsyncPs.Web.Hosting;

/// <summary>A request and its answer, as the underlying server has them.</summary>
internal interface IExchange
{
    /// <summary>The method, in capitals.</summary>
    string Method { get; }

    /// <summary>The URI as the client used it.</summary>
    Uri Uri { get; }

    /// <summary>The path, decoded.</summary>
    string Path { get; }

    /// <summary>The HTTP version, such as <c>HTTP/1.1</c>.</summary>
    string Protocol { get; }

    /// <summary>The address of the client; null if there is none, as with a Unix socket.</summary>
    string? RemoteAddress { get; }

    /// <summary>The media type of the body, or null.</summary>
    string? ContentType { get; }

    /// <summary>Whether the request may have a body.</summary>
    bool HasBody { get; }

    /// <summary>The client's certificate, or null.</summary>
    System.Security.Cryptography.X509Certificates.X509Certificate2? ClientCertificate { get; }

    /// <summary>Canceled when the client disconnects.</summary>
    CancellationToken Aborted { get; }

    /// <summary>The values of a header; empty if it is missing.</summary>
    IReadOnlyList<string> Header(string name);

    /// <summary>All headers.</summary>
    IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Headers { get; }

    /// <summary>The values of a name in the query; empty if it is missing.</summary>
    IReadOnlyList<string> Query(string name);

    /// <summary>All values of the query.</summary>
    IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> QueryValues { get; }

    /// <summary>All cookies.</summary>
    IEnumerable<KeyValuePair<string, string>> Cookies { get; }

    /// <summary>The decoded value of a parameter in the path; null if it is missing.</summary>
    string? PathValue(string name);

    /// <summary>The parameters in the path and their values.</summary>
    IEnumerable<KeyValuePair<string, string>> PathValues { get; }

    /// <summary>Reads the whole body. The rest of a large one is kept on disk.</summary>
    /// <exception cref="BadRequestException">It is too large or malformed.</exception>
    Task<Stream> BufferBodyAsync(CancellationToken cancellationToken);

    /// <summary>The body as it arrives.</summary>
    Stream Body { get; }

    /// <summary>Reads the body as a form.</summary>
    /// <exception cref="BadRequestException">It is too large or malformed.</exception>
    Task<FormBody> ReadFormAsync(CancellationToken cancellationToken);

    /// <summary>Whether the client requests a web socket.</summary>
    bool IsWebSocketRequest { get; }

    /// <summary>Opens the web socket.</summary>
    /// <param name="protocol">The chosen protocol, or null.</param>
    Task<WebSocket> AcceptWebSocketAsync(string? protocol);

    /// <summary>Whether the answer has started, so that its status and headers are fixed.</summary>
    bool HasStarted { get; }

    /// <summary>The status of the answer.</summary>
    int Status { get; set; }

    /// <summary>Sets a header of the answer.</summary>
    /// <exception cref="FormatException">A header cannot have this name or value.</exception>
    void SetHeader(string name, params string[] values);

    /// <summary>Sets the length of the answer's body, if it is known in advance.</summary>
    void SetLength(long length);

    /// <summary>Writes a part of the answer's body.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Sends what was written so far.</summary>
    Task FlushAsync(CancellationToken cancellationToken);

    /// <summary>Answers with a file: the requested part, or nothing if the client already has it.</summary>
    Task SendFileAsync(FileInfo file, string? contentType, string? downloadName);

    /// <summary>Answers with a file of the endpoint's folder, which the path names.</summary>
    /// <returns>False if there is none.</returns>
    Task<bool> SendFolderFileAsync();

    /// <summary>The id of the error that caused the answer, for the log; or null.</summary>
    string? FailureId { get; set; }

    /// <summary>Aborts the connection, so that the client notices that the answer is incomplete.</summary>
    void Abort();
}

/// <summary>A parsed form.</summary>
/// <param name="Fields">The fields and their values.</param>
/// <param name="Files">The files.</param>
internal sealed record FormBody(IReadOnlyDictionary<string, IReadOnlyList<string>> Fields, IReadOnlyList<UploadedFile> Files);

/// <summary>Thrown for a request that cannot be read.</summary>
/// <param name="status">The status of the answer.</param>
/// <param name="message">The error for the client.</param>
/// <param name="inner">The cause, or null.</param>
internal sealed class BadRequestException(int status, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The status of the answer.</summary>
    public int Status { get; } = status;
}
