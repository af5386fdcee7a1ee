using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AsyncPs.Web.Routing;

namespace AsyncPs.Web.OpenApi;

/// <summary>
/// Writes the description of an API in OpenAPI 3.1: from the parameters of its blocks, their attributes, and their comment-based help.
/// </summary>
internal static class OpenApiDocument
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes the description.</summary>
    /// <param name="routes">The routes. Hidden ones, folders and web sockets are left out.</param>
    /// <param name="title">The name of the API.</param>
    /// <param name="version">Its version.</param>
    /// <param name="scheme">How clients authenticate, or null.</param>
    public static byte[] Create(IReadOnlyList<AsyncRoute> routes, string title, string version, AuthorizationScheme? scheme)
    {
        JsonObject paths = [];
        HashSet<AuthorizationScheme> schemes = [];
        foreach (AsyncRoute route in routes)
        {
            if (route.Hidden || route.ScriptBlock is null || route.IsWebSocket)
            {
                continue;
            }

            string path = RoutePath.ForOpenApi(route.Path);
            if (paths[path] is not JsonObject item)
            {
                paths[path] = item = [];
            }

            foreach (string method in route.Method)
            {
                AuthorizationScheme? own = route.Scheme ?? (route.Anonymous ? null : scheme);
                item[method.ToLowerInvariant()] = OperationOf(route, method, own);
                if (own is { } used)
                {
                    schemes.Add(used);
                }
            }
        }

        JsonObject document = new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = title, ["version"] = version },
            ["paths"] = paths,
            ["components"] = ComponentsOf(schemes),
        };
        return Encoding.UTF8.GetBytes(document.ToJsonString(Indented));
    }

    private static JsonObject OperationOf(AsyncRoute route, string method, AuthorizationScheme? scheme)
    {
        JsonObject operation = new()
        {
            ["operationId"] = route.Name is null ? IdOf(route, method) : route.Method.Length == 1 ? route.Name : $"{route.Name}_{method}"
        };
        Set(operation, "summary", route.Help?.Synopsis);
        Set(operation, "description", route.Help?.Description);
        if (route.Tag.Length > 0)
        {
            operation["tags"] = new JsonArray([.. route.Tag.Select(static tag => JsonValue.Create(tag))]);
        }

        RouteParameter[] inBody = [.. route.Parameter.Where(static parameter => parameter.Source is ParameterSource.Body)];
        RouteParameter? whole = route.Parameter.FirstOrDefault(static parameter => parameter.Source == ParameterSource.WholeBody);
        JsonArray parameters = [.. route.Parameter.Except(inBody).Where(parameter => parameter != whole).Select(ParameterOf)];
        if (parameters.Count > 0)
        {
            operation["parameters"] = parameters;
        }

        if (inBody.Length > 0 || whole is not null)
        {
            operation["requestBody"] = BodyOf(inBody, whole);
        }

        operation["responses"] = ResponsesOf(
            route,
            parameters.Count > 0 || inBody.Length > 0,
            scheme ?? (route.Authorize is null ? null : AuthorizationScheme.Bearer));
        if (scheme is { } used)
        {
            operation["security"] = new JsonArray(new JsonObject { [NameOf(used)] = new JsonArray() });
        }

        return operation;
    }

    private static string IdOf(AsyncRoute route, string method)
        => method.ToLowerInvariant() + string.Concat(
            RoutePath.ForOpenApi(route.Path)
                .Split('/', '{', '}', '-', '.')
                .Where(static part => part.Length > 0)
                .Select(static part => "_" + part));

    private static JsonObject ParameterOf(RouteParameter parameter)
    {
        bool isPath = parameter.Source == ParameterSource.Path;
        JsonObject described = new()
        {
            ["name"] = parameter.Key,
            ["in"] = parameter.Source switch
            {
                ParameterSource.Path => "path",
                ParameterSource.Header => "header",
                ParameterSource.Cookie => "cookie",
                _ => "query",
            },
            ["required"] = isPath || parameter.IsMandatory,
        };
        Set(described, "description", parameter.Description);
        described["schema"] = SchemaOf.Parameter(parameter);
        return described;
    }

    private static JsonObject BodyOf(RouteParameter[] parameters, RouteParameter? whole)
    {
        JsonObject schema;
        if (parameters.Length == 0)
        {
            schema = SchemaOf.OfType(whole!.Type);
        }
        else
        {
            JsonObject properties = [];
            foreach (RouteParameter parameter in parameters)
            {
                JsonObject property = SchemaOf.Parameter(parameter);
                Set(property, "description", parameter.Description);
                properties[parameter.Key] = property;
            }

            schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
            JsonArray required =
            [
                .. parameters.Where(static parameter => parameter.IsMandatory).Select(static parameter => JsonValue.Create(parameter.Key))
            ];
            if (required.Count > 0)
            {
                schema["required"] = required;
            }
        }

        JsonObject content = [];
        bool hasFiles = Array.Exists(
            parameters,
            static parameter => parameter.Type == typeof(UploadedFile) || parameter.Type == typeof(UploadedFile[]));
        string[] types = hasFiles ? ["multipart/form-data"]
            : parameters.Length == 0 ? ["application/json"]
            : ["application/json", "application/x-www-form-urlencoded"];
        foreach (string type in types)
        {
            content[type] = new JsonObject { ["schema"] = schema.DeepClone() };
        }

        return new JsonObject
        {
            ["required"] = whole?.IsMandatory == true || Array.Exists(parameters, static parameter => parameter.IsMandatory),
            ["content"] = content,
        };
    }

    private static JsonObject ResponsesOf(AsyncRoute route, bool mayBeWrong, AuthorizationScheme? scheme)
    {
        JsonObject content = [];
        foreach (string type in TypesOf(route))
        {
            content[type.Split(';')[0]] = new JsonObject
            {
                ["schema"] = route.AsArray ? new JsonObject { ["type"] = "array", ["items"] = new JsonObject() } : new JsonObject(),
            };
        }

        JsonObject responses = new()
        {
            [
                route.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)
            ] = new JsonObject { ["description"] = "Success", ["content"] = content }
        };
        if (scheme is not null)
        {
            responses["401"] = ProblemOf("The client is not authenticated or not authorized.");
        }

        if (mayBeWrong)
        {
            responses["422"] = ProblemOf("A value is missing or wrong.");
        }

        responses["500"] = ProblemOf("The server has failed.");
        return responses;
    }

    private static IEnumerable<string> TypesOf(AsyncRoute route)
        => route.Stream
            ? ["application/jsonl", "text/event-stream"]
            : route.Format.Select(static format => Answers.ObjectFormatter.Of(format).MediaType);

    private static JsonObject ProblemOf(string description) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject
        {
            [Binding.Problem.MediaType] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Problem" } },
        },
    };

    private static JsonObject ComponentsOf(HashSet<AuthorizationScheme> schemes)
    {
        JsonObject components = new()
        {
            ["schemas"] = new JsonObject
            {
                ["Problem"] = JsonNode.Parse("""
                    {
                      "type": "object",
                      "description": "What went wrong, as RFC 9457 has it.",
                      "properties": {
                        "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
                        "detail": { "type": "string" }, "id": { "type": "string" },
                        "errors": {
                          "type": "array",
                          "items": {
                            "type": "object",
                            "properties": {
                              "name": { "type": "string" }, "in": { "type": "string" },
                              "id": { "type": "string" }, "detail": { "type": "string" }
                            }
                          }
                        }
                      }
                    }
                    """),
            },
        };
        if (schemes.Count > 0)
        {
            JsonObject security = [];
            foreach (AuthorizationScheme scheme in schemes)
            {
                security[NameOf(scheme)] = scheme switch
                {
                    AuthorizationScheme.ApiKey => new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "X-Api-Key" },
                    AuthorizationScheme.Basic => new JsonObject { ["type"] = "http", ["scheme"] = "basic" },
                    _ => new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                };
            }

            components["securitySchemes"] = security;
        }

        return components;
    }

    private static string NameOf(AuthorizationScheme scheme) => scheme switch
    {
        AuthorizationScheme.Basic => "basic",
        AuthorizationScheme.ApiKey => "apiKey",
        _ => "bearer",
    };

    private static void Set(JsonObject target, string name, string? text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            target[name] = text.Trim();
        }
    }
}
