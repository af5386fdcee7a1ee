using System.Net.WebSockets;

namespace AsyncPs.Web.Hosting;

/// <summary>A request and the answer to it, as the server below has them.</summary>
internal interface IExchange
{
    /// <summary>The method, in capitals.</summary>
    string Method { get; }

    /// <summary>The URI, as the client has it.</summary>
    Uri Uri { get; }

    /// <summary>The path, decoded.</summary>
    string Path { get; }

    /// <summary>The version of HTTP, such as <c>HTTP/1.1</c>.</summary>
    string Protocol { get; }

    /// <summary>The address of the client; null where there is none, as with a Unix socket.</summary>
    string? RemoteAddress { get; }

    /// <summary>The media type of the body, or null.</summary>
    string? ContentType { get; }

    /// <summary>Whether the request may have a body.</summary>
    bool HasBody { get; }

    /// <summary>The certificate that the client has shown, or null.</summary>
    System.Security.Cryptography.X509Certificates.X509Certificate2? ClientCertificate { get; }

    /// <summary>Canceled when the client has gone.</summary>
    CancellationToken Aborted { get; }

    /// <summary>The values of a header; none if it is not there.</summary>
    IReadOnlyList<string> Header(string name);

    /// <summary>All headers.</summary>
    IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Headers { get; }

    /// <summary>The values of a name in the query; none if it is not there.</summary>
    IReadOnlyList<string> Query(string name);

    /// <summary>All names of the query.</summary>
    IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> QueryValues { get; }

    /// <summary>All cookies.</summary>
    IEnumerable<KeyValuePair<string, string>> Cookies { get; }

    /// <summary>What the path has at a name of the template, decoded; null if it is left out.</summary>
    string? PathValue(string name);

    /// <summary>The names of the template and what the path has there.</summary>
    IEnumerable<KeyValuePair<string, string>> PathValues { get; }

    /// <summary>Reads the whole body, whose end is kept on disk where it is large.</summary>
    /// <exception cref="BadRequestException">It is too large, or broken.</exception>
    Task<Stream> BufferBodyAsync(CancellationToken cancellationToken);

    /// <summary>The body as it comes.</summary>
    Stream Body { get; }

    /// <summary>Reads the body as a form.</summary>
    /// <exception cref="BadRequestException">It is too large, or broken.</exception>
    Task<FormBody> ReadFormAsync(CancellationToken cancellationToken);

    /// <summary>Whether the client asks for a web socket.</summary>
    bool IsWebSocketRequest { get; }

    /// <summary>Opens the web socket.</summary>
    /// <param name="protocol">The protocol that is chosen, or null.</param>
    Task<WebSocket> AcceptWebSocketAsync(string? protocol);

    /// <summary>Whether the answer has begun, so that its status and headers are fixed.</summary>
    bool HasStarted { get; }

    /// <summary>The status of the answer.</summary>
    int Status { get; set; }

    /// <summary>Sets a header of the answer.</summary>
    /// <exception cref="FormatException">A header cannot have this name or value.</exception>
    void SetHeader(string name, params string[] values);

    /// <summary>Sets the length of the answer's body, which is known beforehand.</summary>
    void SetLength(long length);

    /// <summary>Writes a part of the answer's body.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Sends what was written so far.</summary>
    Task FlushAsync(CancellationToken cancellationToken);

    /// <summary>Answers with a file: the part that is asked for, or nothing where the client has it already.</summary>
    Task SendFileAsync(FileInfo file, string? contentType, string? downloadName);

    /// <summary>Answers with the file of the endpoint's folder that the path names.</summary>
    /// <returns>False if there is none.</returns>
    Task<bool> SendFolderFileAsync();

    /// <summary>The id of the error that the answer stands for, for the log; or null.</summary>
    string? FailureId { get; set; }

    /// <summary>Breaks the connection off, so that the client knows that the answer is not whole.</summary>
    void Abort();
}

/// <summary>A form that was read.</summary>
/// <param name="Fields">The fields and their values.</param>
/// <param name="Files">The files.</param>
internal sealed record FormBody(IReadOnlyDictionary<string, IReadOnlyList<string>> Fields, IReadOnlyList<UploadedFile> Files);

/// <summary>A request that cannot be read.</summary>
/// <param name="status">The status of the answer.</param>
/// <param name="message">What is wrong, for the client.</param>
/// <param name="inner">What it comes of, or null.</param>
internal sealed class BadRequestException(int status, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The status of the answer.</summary>
    public int Status { get; } = status;
}
