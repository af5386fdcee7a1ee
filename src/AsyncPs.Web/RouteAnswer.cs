namespace AsyncPs.Web;

/// <summary>An answer of a route, as <c>Invoke-AsyncRoute</c> returns it.</summary>
public sealed class RouteAnswer
{
    internal RouteAnswer(int status, IReadOnlyDictionary<string, string> headers, byte[] bytes, string text, object? content)
    {
        Status = status;
        Headers = headers;
        Bytes = bytes;
        Text = text;
        Content = content;
    }

    /// <summary>The status.</summary>
    public int Status { get; }

    /// <summary>The headers; the values of a repeated one are separated by commas.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The media type of the body; null without one.</summary>
    public string? ContentType => Headers.GetValueOrDefault("Content-Type");

    /// <summary>The body: objects if it is JSON, otherwise its text.</summary>
    public object? Content { get; }

    /// <summary>The body as text.</summary>
    public string Text { get; }

    /// <summary>The body as bytes.</summary>
    public byte[] Bytes { get; }

    /// <summary>Whether the status is from 200 to 299.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The status and the text.</summary>
    public override string ToString() => $"{Status} {Text}".TrimEnd();
}
