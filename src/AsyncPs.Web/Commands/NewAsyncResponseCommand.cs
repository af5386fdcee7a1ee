using System.Collections;
using System.Globalization;
using AsyncPs.Commands.Parameters;
using AsyncPs.Http.Requests;

namespace AsyncPs.Web.Commands;

/// <summary>Creates an answer with its own status, headers, cookies or media type (Starlette's <c>Response</c>).</summary>
[Cmdlet(VerbsCommon.New, "AsyncResponse", DefaultParameterSetName = BodySet)]
[OutputType(typeof(AsyncResponse))]
public sealed class NewAsyncResponseCommand : PSCmdlet
{
    private const string BodySet = "Body";
    private const string FileSet = "File";
    private const string RedirectSet = "Redirect";
    private const int DefaultRedirect = 302;
    private const string Html = "text/html; charset=utf-8";

    /// <summary>The body: a string, bytes, a stream, or objects, which become JSON. Default: none.</summary>
    [Parameter(Position = 0, ParameterSetName = BodySet)]
    [System.Management.Automation.AllowNull]
    public object? Body { get; set; }

    /// <summary>The status. Default: that of the route; 204 without a body, 302 with -Redirect.</summary>
    [Parameter]
    [ValidateRange(200, 599)]
    public int? Status { get; set; }

    /// <summary>Headers, names and values; a value may be several.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Headers { get; set; }

    /// <summary>The media type. Default: according to the body.</summary>
    [Parameter(ParameterSetName = BodySet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AnswerTypeCompleter))]
    public string? ContentType { get; set; }

    /// <summary>Marks the string as an HTML page.</summary>
    [Parameter(ParameterSetName = BodySet)]
    public SwitchParameter AsHtml { get; set; }

    /// <summary>Cookies, names and values; an empty value removes one. Scripts of a page cannot read them.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Cookie { get; set; }

    /// <summary>How long the cookies last. Default: as long as the browser is open.</summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? CookieLifetime { get; set; }

    /// <summary>Sends cookies over HTTPS only.</summary>
    [Parameter]
    public SwitchParameter SecureCookie { get; set; }

    /// <summary>Redirects the client to another address.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RedirectSet)]
    [ValidateNotNullOrEmpty]
    public string? Redirect { get; set; }

    /// <summary>The file to send, or the part of it that the client requests.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FileSet)]
    [Alias("PSPath", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? FilePath { get; set; }

    /// <summary>Makes browsers save the body under this name, instead of showing it.</summary>
    [Parameter(ParameterSetName = BodySet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public string? DownloadName { get; set; }

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

    private AsyncResponse Create()
    {
        if (AsHtml && ContentType is not null)
        {
            throw WebErrors.ArgumentInvalid("-AsHtml is -ContentType 'text/html; charset=utf-8'. Use only one of them.");
        }

        Dictionary<string, List<string>> headers = new(StringComparer.OrdinalIgnoreCase);
        AddHeaders(headers);
        AddCookies(headers);
        if (Redirect is not null)
        {
            Add(headers, "Location", Redirect, nameof(Redirect));
        }

        bool hasBody = FilePath is not null || MyInvocation.BoundParameters.ContainsKey(nameof(Body));
        return new AsyncResponse
        {
            Status = Status ?? (Redirect is null ? null : DefaultRedirect),
            Headers = headers.ToDictionary(
                static header => header.Key,
                static header => header.Value.ToArray(),
                StringComparer.OrdinalIgnoreCase),
            Body = FilePath is null ? Text(Body) : new FileInfo(SessionState.Path.GetUnresolvedProviderPathFromPSPath(FilePath)),
            HasBody = hasBody,
            ContentType = AsHtml ? Html : ContentType,
            DownloadName = DownloadName,
        };
    }

    // The lines of a command's output, as of ConvertTo-Html, are one string.
    private object? Text(object? body)
        => (AsHtml || ContentType is not null)
            && PSObjectExtensions.Unwrap(body) is object?[] lines
            && Array.TrueForAll(lines, static line => PSObjectExtensions.Unwrap(line) is string)
            ? string.Join('\n', lines.Select(static line => PSObjectExtensions.Unwrap(line)))
            : body;

    private void AddHeaders(Dictionary<string, List<string>> headers)
    {
        foreach (DictionaryEntry entry in Headers ?? new Hashtable())
        {
            string name = entry.Key.ToString()!;
            if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
                || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
                || name.Equals("Connection", StringComparison.OrdinalIgnoreCase))
            {
                throw WebErrors.ArgumentInvalid(
                    $"-Headers: '{name}' follows from the body and the connection. Leave it out.",
                    target: name);
            }

            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                throw WebErrors.ArgumentInvalid("-Headers: give the media type with -ContentType.", target: name);
            }

            object? value = PSObjectExtensions.Unwrap(entry.Value);
            foreach (object? one in value is object?[] several ? several : [value])
            {
                Add(headers, name, PlainText.Of(one), nameof(Headers));
            }
        }
    }

    private void AddCookies(Dictionary<string, List<string>> headers)
    {
        foreach (DictionaryEntry entry in Cookie ?? new Hashtable())
        {
            string name = entry.Key.ToString()!;
            string value = Uri.EscapeDataString(PlainText.Of(entry.Value));
            if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            {
                throw WebErrors.ArgumentInvalid(
                    $"-Cookie: '{name}' cannot be the name of a cookie. Use letters, digits, '-', '_' and '.'.",
                    target: name);
            }

            string lifetime = value.Length == 0 ? "; Max-Age=0"
                : CookieLifetime is { } time ? string.Create(CultureInfo.InvariantCulture, $"; Max-Age={(long)time.TotalSeconds}")
                : "";
            Add(
                headers,
                "Set-Cookie",
                $"{name}={value}; Path=/; HttpOnly; SameSite=Lax{(SecureCookie ? "; Secure" : "")}{lifetime}",
                nameof(Cookie));
        }
    }

    private static void Add(Dictionary<string, List<string>> headers, string name, string value, string parameter)
    {
        try
        {
            var header = new Header(name, value);
            (headers.TryGetValue(name, out List<string>? values) ? values : headers[name] = []).Add(header.Value);
        }
        catch (FormatException e)
        {
            throw WebErrors.ArgumentInvalid($"-{parameter}: {e.Message}", target: name);
        }
    }
}
