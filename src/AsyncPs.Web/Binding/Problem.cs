using System.Buffers;
using System.Text.Json;

namespace AsyncPs.Web.Binding;

/// <summary>What is wrong with one value of a request.</summary>
/// <param name="Name">The name that the client has given it, or should have.</param>
/// <param name="Place">Where: path, query, header, cookie or body.</param>
/// <param name="Id">What kind of fault it is, for programs.</param>
/// <param name="Detail">What is wrong, for people.</param>
internal sealed record FieldFault(string Name, string Place, string Id, string Detail);

/// <summary>An answer that says what went wrong, as RFC 9457 has it.</summary>
/// <param name="Status">The status.</param>
/// <param name="Title">What it means, in a few words.</param>
internal sealed record Problem(int Status, string Title)
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>What went wrong with this request, or null.</summary>
    public string? Detail { get; init; }

    /// <summary>Tells the error that was written about it, or null.</summary>
    public string? Id { get; init; }

    /// <summary>The values that are wrong.</summary>
    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>How long the client is to wait before it tries again, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How credentials are asked for, or null.</summary>
    public string? Challenge { get; init; }

    /// <summary>Values of the request that are wrong.</summary>
    public static Problem Unprocessable(params FieldFault[] faults)
        => new(422, "Unprocessable Content")
        {
            Detail = faults.Length == 1 ? faults[0].Detail : "Several values are missing or wrong.", Faults = faults
        };

    /// <summary>The answer for a status that nobody has said more about.</summary>
    public static Problem ForStatus(int status) => new(status, TitleOf(status));

    /// <summary>As JSON.</summary>
    public byte[] ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, JsonForm.ForClients.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "about:blank");
            writer.WriteString("title", Title);
            writer.WriteNumber("status", Status);
            if (Detail is not null)
            {
                writer.WriteString("detail", Detail);
            }

            if (Id is not null)
            {
                writer.WriteString("id", Id);
            }

            WriteFaults(writer);
            writer.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private void WriteFaults(Utf8JsonWriter writer)
    {
        if (Faults.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("errors");
        foreach (FieldFault fault in Faults)
        {
            writer.WriteStartObject();
            writer.WriteString("name", fault.Name);
            writer.WriteString("in", fault.Place);
            writer.WriteString("id", fault.Id);
            writer.WriteString("detail", fault.Detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string TitleOf(int status) => status switch
    {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    };
}
