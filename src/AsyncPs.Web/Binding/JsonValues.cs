using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace AsyncPs.Web.Binding;

/// <summary>
/// Converts the JSON of a request to PowerShell objects. Strings stay strings, so that the type of the parameter converts them.
/// </summary>
internal static class JsonValues
{
    private const int MaximumDepth = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaximumDepth };

    /// <summary>Parses a body.</summary>
    /// <exception cref="Hosting.BadRequestException">It is not JSON.</exception>
    public static async Task<JsonDocument?> ParseAsync(Stream body, CancellationToken cancellationToken)
    {
        if (body.Length == 0)
        {
            return null;
        }

        try
        {
            body.Position = 0;
            return await JsonDocument.ParseAsync(body, Options, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw new Hosting.BadRequestException(400, $"The body is not JSON: {e.Message}", e);
        }
    }

    /// <summary>
    /// A value as a PowerShell object: an object has properties, an array is an array, and a number is the narrowest of Int32, Int64,
    /// BigInteger and Double.
    /// </summary>
    /// <exception cref="FormatException">PowerShell cannot represent it.</exception>
    public static object? Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => ObjectOf(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Of).ToArray(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => NumberOf(element),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static PSObject ObjectOf(JsonElement element)
    {
        PSObject result = new();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Name.Length == 0)
            {
                throw new FormatException("It has a property whose name is empty, which no object can have.");
            }

            if (result.Properties[property.Name] is { } known)
            {
                throw new FormatException($"It has the properties '{known.Name}' and '{property.Name}', of which an object can have one.");
            }

            result.Properties.Add(new PSNoteProperty(property.Name, Of(property.Value)));
        }

        return result;
    }

    private static object NumberOf(JsonElement element)
    {
        if (element.TryGetInt32(out int number))
        {
            return number;
        }

        if (element.TryGetInt64(out long large))
        {
            return large;
        }

        string text = element.GetRawText();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0 ? element.GetDouble() : BigInteger.Parse(text, CultureInfo.InvariantCulture);
    }
}
