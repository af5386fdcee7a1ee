using System.Text.Json;
using AsyncPs.Http;
using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Binding;

/// <summary>The body of a request, read according to its media type.</summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>No body.</summary>
    public static readonly RequestBody None = new();

    private readonly FormBody? _form;
    private readonly JsonDocument? _json;

    private RequestBody(FormBody? form = null, JsonDocument? json = null) => (_form, _json) = (form, json);

    /// <summary>Whether it is JSON but not an object, and therefore has no properties.</summary>
    public bool IsOtherJson => _json is not null && _json.RootElement.ValueKind != JsonValueKind.Object;

    /// <summary>The complete body as one value.</summary>
    public object? Whole { get; private init; }

    /// <summary>Whether its parts have names, or there is no body.</summary>
    public bool HasNames { get; private init; } = true;

    /// <summary>Reads the body. Large parts are kept on disk.</summary>
    /// <param name="request">The request.</param>
    /// <param name="wantsWhole">Whether the complete body is needed as one value.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="BadRequestException">It is too large, or does not have its declared format.</exception>
    public static async Task<RequestBody> ReadAsync(AsyncRequest request, bool wantsWhole, CancellationToken cancellationToken)
    {
        if (!request.Exchange.HasBody)
        {
            return None;
        }

        Stream body = await request.BufferAsync(cancellationToken).ConfigureAwait(false);
        string type = request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        if (type is "application/x-www-form-urlencoded" or "multipart/form-data")
        {
            body.Position = 0;
            FormBody form = await request.Exchange.ReadFormAsync(cancellationToken).ConfigureAwait(false);
            request.Files = [.. form.Files];
            return new RequestBody(form) { Whole = wantsWhole ? TableOf(form) : null };
        }

        if (type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal))
        {
            JsonDocument? json = await JsonValues.ParseAsync(body, cancellationToken).ConfigureAwait(false);
            return new RequestBody(json: json) { Whole = wantsWhole && json is not null ? Of(json.RootElement) : null };
        }

        return new RequestBody
        {
            HasNames = body.Length == 0,
            Whole = !wantsWhole || body.Length == 0 ? null
                : type.StartsWith("text/", StringComparison.Ordinal)
                    || type.EndsWith("/xml", StringComparison.Ordinal)
                    || type.EndsWith("+xml", StringComparison.Ordinal)
                    ? Charsets.Decode(request.ReadBytes(), request.ContentType)
                    : request.ReadBytes(),
        };
    }

    /// <summary>The values of a name.</summary>
    /// <param name="name">The name, in any letter case.</param>
    /// <param name="values">The values: strings and files of a form, or the one value of a property.</param>
    public bool TryGet(string name, [NotNullWhen(true)] out IReadOnlyList<object?>? values)
    {
        values = null;
        if (_form is not null)
        {
            List<object?> found = _form.Fields.TryGetValue(name, out IReadOnlyList<string>? texts) ? [.. texts] : [];
            found.AddRange(_form.Files.Where(file => file.Field.Equals(name, StringComparison.OrdinalIgnoreCase)));
            values = found.Count > 0 ? found : null;
        }
        else if (_json is not null && !IsOtherJson)
        {
            List<object?> found = [.. _json.RootElement.EnumerateObject()
                .Where(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                .Select(static property => Of(property.Value))];
            values = found.Count > 0 ? found : null;
        }

        return values is not null;
    }

    /// <summary>Whether the values are strings to convert, rather than values of JSON.</summary>
    public bool IsForm => _form is not null;

    /// <inheritdoc/>
    public void Dispose() => _json?.Dispose();

    private static object? Of(JsonElement element)
    {
        try
        {
            return JsonValues.Of(element);
        }
        catch (FormatException e)
        {
            throw new BadRequestException(400, $"The JSON of the body cannot be read: {e.Message}", e);
        }
    }

    private static System.Collections.Specialized.OrderedDictionary TableOf(FormBody form)
    {
        System.Collections.Specialized.OrderedDictionary table = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, IReadOnlyList<string> values) in form.Fields)
        {
            table[name] = values.Count == 1 ? values[0] : values.ToArray();
        }

        foreach (UploadedFile file in form.Files)
        {
            table[file.Field] = file;
        }

        return table;
    }
}
