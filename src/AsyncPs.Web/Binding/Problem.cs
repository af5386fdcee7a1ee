using System.Buffers;
using System.Text.Json;

namespace AsyncPs.Web.Binding;

/// <summary>A fault in one value of a request.</summary>
/// <param name="Name">The name that the client used, or should have used.</param>
/// <param name="Place">The place: path, query, header, cookie or body.</param>
/// <param name="Id">The kind of fault, for programs.</param>
/// <param name="Detail">The description, for people.</param>
internal sealed record FieldFault(string Name, string Place, string Id, string Detail);

/// <summary>An error answer in the format of RFC 9457.</summary>
/// <param name="Status">The status.</param>
/// <param name="Title">Its meaning, in a few words.</param>
internal sealed record Problem(int Status, string Title)
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>The description for this request, or null.</summary>
    public string? Detail { get; init; }

    /// <summary>The id of the error that was written about it, or null.</summary>
    public string? Id { get; init; }

    /// <summary>The wrong values.</summary>
    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>How long the client should wait before it retries, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How credentials are requested, or null.</summary>
    public string? Challenge { get; init; }

    /// <summary>The answer for wrong values of a request.</summary>
    public static Problem Unprocessable(params FieldFault[] faults)
        => new(422, "Unprocessable Content")
        {
            Detail = faults.Length == 1 ? faults[0].Detail : "Several values are missing or wrong.", Faults = faults
        };

    /// <summary>The default answer for a status.</summary>
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
