using System.Collections;
using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Binding;

/// <summary>
/// Collects the values for a block's parameters from a request. Only names that the block declares, spelled exactly, reach the engine's
/// binder, which would also accept prefixes of names and common parameters.
/// </summary>
/// <param name="route">The route.</param>
internal sealed class RequestBinder(AsyncRoute route)
{
    private readonly bool _wantsBody =
        route.Parameter.Any(static parameter => parameter.Source is ParameterSource.Body or ParameterSource.WholeBody);
    private readonly bool _wantsWhole = route.Parameter.Any(static parameter => parameter.Source == ParameterSource.WholeBody);

    /// <summary>Reads the values, mostly strings; the engine converts and validates them.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the reading of the body.</param>
    /// <returns>The values by name, or what is wrong.</returns>
    /// <exception cref="BadRequestException">The body is too large, or does not have its declared format.</exception>
    public async ValueTask<(IDictionary? Values, Problem? Problem)> BindAsync(AsyncRequest request, CancellationToken cancellationToken)
    {
        if (route.StreamBody || !request.Exchange.HasBody)
        {
            return Collect(request.Exchange, RequestBody.None);
        }

        if (!_wantsBody)
        {
            // The body is read first, so that no block waits for a slow client.
            await request.BufferAsync(cancellationToken).ConfigureAwait(false);
            return Collect(request.Exchange, RequestBody.None);
        }

        using RequestBody body = await RequestBody.ReadAsync(request, _wantsWhole, cancellationToken).ConfigureAwait(false);
        return Collect(request.Exchange, body);
    }

    private (IDictionary? Values, Problem? Problem) Collect(IExchange exchange, RequestBody body)
    {
        if (route.Parameter.Length == 0)
        {
            return (null, null);
        }

        Hashtable values = new(route.Parameter.Length, StringComparer.OrdinalIgnoreCase);
        List<FieldFault>? faults = null;
        foreach (RouteParameter parameter in route.Parameter)
        {
            if (Read(parameter, exchange, body, out object? value) is { } fault)
            {
                (faults ??= []).Add(fault);
            }
            else if (value != Missing)
            {
                values[parameter.Name] = value;
            }
            else if (parameter.IsMandatory)
            {
                (faults ??= []).Add(new FieldFault(parameter.Key, PlaceOf(parameter), "Missing", $"{parameter.Key} is missing."));
            }
        }

        if (faults is not null && !body.HasNames && !_wantsWhole)
        {
            return (
                null,
                new Problem(415, "Unsupported Media Type") { Detail = "The body is neither JSON nor a form: send application/json." });
        }

        if (faults is not null && body.IsOtherJson && !_wantsWhole)
        {
            return (
                null,
                Problem.Unprocessable(
                    new FieldFault("", "body", "NotAnObject", "The JSON of the body is not an object, so it has no properties.")));
        }

        return faults is null ? (values, null) : (null, Problem.Unprocessable([.. faults]));
    }

    // Stands for a missing value.
    private static readonly object Missing = new();

    private static FieldFault? Read(RouteParameter parameter, IExchange exchange, RequestBody body, out object? value)
    {
        value = Missing;
        switch (parameter.Source)
        {
            case ParameterSource.Path:
                if (exchange.PathValue(parameter.Key) is { } part)
                {
                    return Convert(parameter, [part], "path", out value);
                }

                return null;
            case ParameterSource.Header:
                return exchange.Header(parameter.Key) is { Count: > 0 } headers ? Convert(parameter, headers, "header", out value) : null;
            case ParameterSource.Cookie:
                string[] cookies =
                [
                    .. exchange.Cookies.Where(cookie => cookie.Key.Equals(parameter.Key, StringComparison.Ordinal))
                    .Select(static cookie => cookie.Value)
                ];
                return cookies.Length > 0 ? Convert(parameter, cookies, "cookie", out value) : null;
            case ParameterSource.WholeBody:
                value = body.Whole ?? Missing;
                return null;
            default:
                return ReadNamed(parameter, exchange, body, out value);
        }
    }

    private static FieldFault? ReadNamed(RouteParameter parameter, IExchange exchange, RequestBody body, out object? value)
    {
        value = Missing;
        string? found = null;
        FieldFault? fault = null;
        for (int i = -1; i < parameter.Aliases.Length; i++)
        {
            string name = i < 0 ? parameter.Key : parameter.Aliases[i];
            if (exchange.Query(name) is { Count: > 0 } texts)
            {
                if (found is not null)
                {
                    return Ambiguous(name, "query");
                }

                found = name;
                fault = Convert(parameter, texts, "query", out value);
            }

            if (parameter.Source == ParameterSource.Body && body.TryGet(name, out IReadOnlyList<object?>? given))
            {
                if (found is not null)
                {
                    return Ambiguous(name, "body");
                }

                found = name;
                fault = body.IsForm ? ConvertForm(parameter, given, out value) : ConvertJson(parameter, given, out value);
            }
        }

        return fault;
    }

    private static FieldFault Ambiguous(string name, string place)
        => new(name, place, "Ambiguous", $"{name} is given in more than one place.");

    private static FieldFault? Convert(RouteParameter parameter, IReadOnlyList<string> texts, string place, out object? value)
    {
        value = Missing;
        if (parameter.TakesMany)
        {
            value = texts as string[] ?? [.. texts];
            return null;
        }

        if (texts.Count > 1)
        {
            return new FieldFault(parameter.Key, place, "Repeated", $"{parameter.Key} is given {texts.Count} times, and takes one value.");
        }

        return ConvertText(parameter, texts[0], place, out value);
    }

    // Strings that the engine would misread: an empty one as 0, and any one as true.
    private static FieldFault? ConvertText(RouteParameter parameter, string text, string place, out object? value)
    {
        value = text;
        if (parameter.IsFlag)
        {
            bool? flag = text.ToUpperInvariant() switch
            {
                "" or "TRUE" or "1" => true,
                "FALSE" or "0" => false,
                _ => null,
            };
            value = flag;
            return flag is null ? new FieldFault(parameter.Key, place, "NotABoolean", $"{parameter.Key} is neither true nor false.") : null;
        }

        return text.Length == 0 && !parameter.TakesEmptyText
            ? new FieldFault(parameter.Key, place, "Empty", $"{parameter.Key} has no value.")
            : null;
    }

    private static FieldFault? ConvertForm(RouteParameter parameter, IReadOnlyList<object?> given, out object? value)
    {
        value = Missing;
        UploadedFile[] files = [.. given.OfType<UploadedFile>()];
        if (files.Length == 0)
        {
            return Convert(parameter, [.. given.Cast<string>()], "body", out value);
        }

        if (files.Length < given.Count)
        {
            return Ambiguous(parameter.Key, "body");
        }

        if (files.Length > 1 && !parameter.TakesMany)
        {
            return new FieldFault(parameter.Key, "body", "Repeated", $"{parameter.Key} is given {files.Length} times, and takes one file.");
        }

        value = parameter.Type == typeof(byte[]) ? files[0].ReadBytes() : parameter.TakesMany ? files : files[0];
        return null;
    }

    private static FieldFault? ConvertJson(RouteParameter parameter, IReadOnlyList<object?> given, out object? value)
    {
        value = given[0];
        if (given.Count > 1)
        {
            return new FieldFault(parameter.Key, "body", "Repeated", $"{parameter.Key} is there {given.Count} times.");
        }

        switch (value)
        {
            // PowerShell would convert null to 0; a parameter that allows null gets null.
            case null:
                value = parameter.AllowsNull ? null : Missing;
                return null;
            case string text when !parameter.IsFlag:
                return ConvertText(parameter, text, "body", out value);
            case not bool when parameter.IsFlag:
                return new FieldFault(parameter.Key, "body", "NotABoolean", $"{parameter.Key} is neither true nor false.");
            case PSObject properties when typeof(IDictionary).IsAssignableFrom(parameter.Type):
                value = TableOf(properties);
                return null;
            default:
                return null;
        }
    }

    private static Hashtable TableOf(PSObject properties)
    {
        Hashtable table = new(StringComparer.OrdinalIgnoreCase);
        foreach (PSPropertyInfo property in properties.Properties)
        {
            table[property.Name] = property.Value;
        }

        return table;
    }

    private static string PlaceOf(RouteParameter parameter) => parameter.Source switch
    {
        ParameterSource.Path => "path",
        ParameterSource.Header => "header",
        ParameterSource.Cookie => "cookie",
        ParameterSource.Query => "query",
        _ => "body",
    };
}
