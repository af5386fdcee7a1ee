using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Web.Routing;

/// <summary>Reads the definition of a block: its parameters and its comment-based help.</summary>
internal static class RouteDefinition
{
    /// <summary>The name of the parameter that gets the whole body.</summary>
    public const string WholeBody = "Body";

    /// <summary>The name of the variable with the request.</summary>
    public const string RequestVariable = "AsyncRequest";

    /// <summary>Reads the parameters.</summary>
    /// <param name="block">The block.</param>
    /// <param name="path">The path of the route.</param>
    /// <param name="hasBody">Whether requests may have bodies.</param>
    /// <param name="headers">Parameters that come from headers, with the names of these; or null.</param>
    /// <param name="cookies">Parameters that come from cookies, with the names of these; or null.</param>
    /// <exception cref="ConcurrentArgumentException">A name in the path, or of a header or a cookie, is not a parameter of the
    /// block.</exception>
    public static RouteParameter[] Read(ScriptBlock block, string path, bool hasBody, IDictionary? headers, IDictionary? cookies)
    {
        ParameterAst[] declared = ParametersOf(block);
        CommentHelpInfo? help = HelpOf(block);
        IReadOnlyList<string> names = RoutePath.Names(path);
        Dictionary<string, string> fromHeaders = Read(headers, "Header", declared);
        Dictionary<string, string> fromCookies = Read(cookies, "Cookie", declared);
        if (!NamesRequest(block) && names.FirstOrDefault(name => !Array.Exists(declared, ast => Is(ast, name))) is { } missing)
        {
            throw WebErrors.PathParameterMissing(path, missing);
        }

        return [.. declared.Select(ast =>
        {
            string name = ast.Name.VariablePath.UserPath;
            string? key = null;
            ParameterSource source = names.FirstOrDefault(place => Is(ast, place)) is { } place && (key = place) is not null
                ? ParameterSource.Path
                : fromHeaders.TryGetValue(name, out key) ? ParameterSource.Header
                : fromCookies.TryGetValue(name, out key) ? ParameterSource.Cookie
                : !hasBody ? ParameterSource.Query
                : name.Equals(WholeBody, StringComparison.OrdinalIgnoreCase) ? ParameterSource.WholeBody
                : ParameterSource.Body;
            string? description = null;
            help?.Parameters.TryGetValue(name.ToUpperInvariant(), out description);
            return new RouteParameter(name, ast.StaticType, source, key ?? name, ast, description?.Trim());
        })];
    }

    /// <summary>The comment-based help, or null.</summary>
    public static CommentHelpInfo? HelpOf(ScriptBlock block)
        => block.Ast switch
        {
            ScriptBlockAst body => body.GetHelpContent(),
            FunctionDefinitionAst function => function.GetHelpContent(),
            _ => null,
        };

    /// <summary>Whether a block reads the request itself.</summary>
    public static bool NamesRequest(ScriptBlock block) => block.Ast.Find(
        static ast => ast is VariableExpressionAst variable && variable.VariablePath.UserPath is var name
            && (name.Equals(RequestVariable, StringComparison.OrdinalIgnoreCase) || name is "_" or "PSItem"),
        searchNestedScriptBlocks: true) is not null;

    private static ParameterAst[] ParametersOf(ScriptBlock block)
        => block.Ast switch
        {
            ScriptBlockAst { ParamBlock: { } parameters } => [.. parameters.Parameters],
            FunctionDefinitionAst { Parameters: { } parameters } => [.. parameters],
            FunctionDefinitionAst { Body.ParamBlock: { } parameters } => [.. parameters.Parameters],
            _ => [],
        };

    private static bool Is(ParameterAst ast, string name)
        => ast.Name.VariablePath.UserPath.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, string> Read(IDictionary? map, string parameter, ParameterAst[] declared)
    {
        Dictionary<string, string> read = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in map ?? new Hashtable())
        {
            string name = entry.Key.ToString()!;
            read[name] = Array.Exists(declared, ast => Is(ast, name))
                && PSObjectExtensions.Unwrap(entry.Value)?.ToString() is { Length: > 0 } key
                ? key
                : throw WebErrors.MapInvalid(parameter, name);
        }

        return read;
    }
}
