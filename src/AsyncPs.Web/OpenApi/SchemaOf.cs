using System.Collections;
using System.Globalization;
using System.Management.Automation.Language;
using System.Text.Json.Nodes;

namespace AsyncPs.Web.OpenApi;

/// <summary>The JSON Schema of a parameter, from its type and its attributes.</summary>
internal static class SchemaOf
{
    /// <summary>The schema of a parameter.</summary>
    public static JsonObject Parameter(RouteParameter parameter)
    {
        JsonObject schema = OfType(parameter.Type);
        JsonObject values = parameter.TakesMany && schema["items"] is JsonObject items ? items : schema;
        foreach (AttributeAst attribute in parameter.Ast.Attributes.OfType<AttributeAst>())
        {
            Add(attribute, schema, values);
        }

        if (parameter.Ast.DefaultValue is { } value && NodeOf(RouteParameter.ValueOf(value)) is { } node)
        {
            schema["default"] = node;
        }

        return schema;
    }

    /// <summary>The schema of a type.</summary>
    public static JsonObject OfType(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) || type == typeof(char) => Of("string"),
            _ when type == typeof(bool) || type == typeof(SwitchParameter) => Of("boolean"),
            _ when type == typeof(int) => Of("integer", "int32"),
            _ when type == typeof(long) => Of("integer", "int64"),
            _ when type == typeof(byte)
                || type == typeof(sbyte)
                || type == typeof(short)
                || type == typeof(ushort)
                || type == typeof(uint)
                || type == typeof(ulong)
                || type == typeof(System.Numerics.BigInteger) => Of("integer"),
            _ when type == typeof(double) => Of("number", "double"),
            _ when type == typeof(float) => Of("number", "float"),
            _ when type == typeof(decimal) => Of("number"),
            _ when type == typeof(DateTime) || type == typeof(DateTimeOffset) => Of("string", "date-time"),
            _ when type == typeof(DateOnly) => Of("string", "date"),
            _ when type == typeof(TimeOnly) => Of("string", "time"),
            _ when type == typeof(Guid) => Of("string", "uuid"),
            _ when type == typeof(Uri) => Of("string", "uri"),
            _ when type == typeof(System.Net.Mail.MailAddress) => Of("string", "email"),
            _ when type == typeof(byte[]) || type == typeof(UploadedFile) => Of("string", "binary"),
            _ when type.IsEnum
                => new JsonObject
                {
                    ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(static name => JsonValue.Create(name))])
                },
            _ when type.IsArray => new JsonObject { ["type"] = "array", ["items"] = OfType(type.GetElementType()!) },
            _ when typeof(IDictionary).IsAssignableFrom(type) => Of("object"),
            _ when typeof(IList).IsAssignableFrom(type) => new JsonObject { ["type"] = "array", ["items"] = new JsonObject() },
            _ when type == typeof(TimeSpan) || type == typeof(Version) || type == typeof(System.Net.IPAddress) => Of("string"),
            _ => [],
        };
    }

    /// <summary>A value as JSON; null if it has no simple JSON form.</summary>
    public static JsonNode? NodeOf(object? value) => PSObjectExtensions.Unwrap(value) switch
    {
        string text => JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number when double.IsFinite(number) => JsonValue.Create(number),
        decimal number => JsonValue.Create(number),
        object[] list => new JsonArray([.. list.Select(NodeOf)]),
        _ => null,
    };

    private static JsonObject Of(string type, string? format = null)
        => format is null ? new JsonObject { ["type"] = type } : new JsonObject { ["type"] = type, ["format"] = format };

    private static void Add(AttributeAst attribute, JsonObject schema, JsonObject values)
    {
        object?[] arguments = [.. attribute.PositionalArguments.Select(RouteParameter.ValueOf)];
        switch (attribute.TypeName.Name.Split('.')[^1].ToUpperInvariant())
        {
            case "VALIDATESET" when arguments.Length > 0:
                values["enum"] = new JsonArray([.. arguments.Select(static argument => NodeOf(argument))]);
                break;
            case "VALIDATERANGE" when arguments is [{ } low, { } high]:
                SetNumber(values, "minimum", low);
                SetNumber(values, "maximum", high);
                break;
            case "VALIDATERANGE" when arguments is [string kind]:
                SetKind(values, kind);
                break;
            case "VALIDATELENGTH" when arguments is [{ } least, { } most]:
                SetNumber(values, "minLength", least);
                SetNumber(values, "maxLength", most);
                break;
            case "VALIDATECOUNT" when arguments is [{ } least, { } most]:
                SetNumber(schema, "minItems", least);
                SetNumber(schema, "maxItems", most);
                break;
            case "VALIDATEPATTERN" when arguments is [string pattern, ..]:
                values["pattern"] = pattern;
                break;
            case "VALIDATENOTNULLOREMPTY" or "VALIDATENOTNULLORWHITESPACE" when values["type"]?.GetValue<string>() == "string":
                values["minLength"] ??= 1;
                break;
            case "ALLOWNULL" when schema["type"]?.GetValue<string>() is { } type:
                schema["type"] = new JsonArray(type, "null");
                break;
        }
    }

    private static void SetKind(JsonObject values, string kind)
    {
        (string? keyword, int bound) = kind.ToUpperInvariant() switch
        {
            "POSITIVE" => ("exclusiveMinimum", 0),
            "NONNEGATIVE" => ("minimum", 0),
            "NEGATIVE" => ("exclusiveMaximum", 0),
            "NONPOSITIVE" => ("maximum", 0),
            _ => (null, 0),
        };
        if (keyword is not null)
        {
            values[keyword] = bound;
        }
    }

    private static void SetNumber(JsonObject schema, string keyword, object value)
    {
        if (LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out double number))
        {
            schema[keyword] = number == Math.Floor(number) && Math.Abs(number) < long.MaxValue
                ? JsonValue.Create((long)number)
                : JsonValue.Create(number);
        }
    }
}
