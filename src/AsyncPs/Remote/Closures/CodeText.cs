using System.Collections;
using System.Management.Automation.Language;
using System.Text;

namespace AsyncPs.Remote.Closures;

/// <summary>Code as text together with its position, so that errors in another process name the caller's file and line.</summary>
internal static class CodeText
{
    /// <summary>Writes the code of a block or function.</summary>
    public static Hashtable Write(ScriptBlock block)
    {
        IScriptExtent extent = block.Ast.Extent;
        bool isBody = block.Ast is ScriptBlockAst;
        Hashtable written = new()
        {
            [TravelKeys.Text] = isBody ? extent.Text : TextOf((FunctionDefinitionAst)block.Ast),
            [TravelKeys.File] = extent.File,
            [TravelKeys.Line] = isBody ? extent.StartLineNumber : ((FunctionDefinitionAst)block.Ast).Body.Extent.StartLineNumber,
            [TravelKeys.Column] = isBody ? extent.StartColumnNumber : 1,
            [TravelKeys.Nested] = isBody && block.Ast.Parent is not null,
        };
        if (UsingsOf(block.Ast) is { Length: > 0 } usings)
        {
            written[TravelKeys.Usings] = usings;
        }

        return written;
    }

    /// <summary>Recreates the block.</summary>
    /// <exception cref="ParseException">This PowerShell does not know some of its syntax.</exception>
    public static ScriptBlock Read(IDictionary written)
    {
        // The text gets the position that it had in its file.
        var text = new StringBuilder();
        text.Append((string?)PSObjectExtensions.Unwrap(written[TravelKeys.Usings]));
        text.Append('\n', Math.Max(0, Number(written[TravelKeys.Line]) - 1));
        text.Append(' ', Math.Max(0, Number(written[TravelKeys.Column]) - 1));
        text.Append((string)PSObjectExtensions.Unwrap(written[TravelKeys.Text])!);
        var file = PSObjectExtensions.Unwrap(written[TravelKeys.File]) as string;
        ScriptBlockAst script = file is null
            ? Parser.ParseInput(text.ToString(), out _, out ParseError[] errors)
            : Parser.ParseInput(text.ToString(), file, out _, out errors);
        if (errors.Length > 0)
        {
            throw new ParseException(errors);
        }

        return LanguagePrimitives.IsTrue(written[TravelKeys.Nested])
            ? ((ScriptBlockExpressionAst)script.Find(static ast => ast is ScriptBlockExpressionAst, searchNestedScriptBlocks: false))
                .ScriptBlock.GetScriptBlock()
            : script.GetScriptBlock();
    }

    private static int Number(object? value) => LanguagePrimitives.ConvertTo<int>(value);

    // A definition is written as its body: parameters beside the name belong to it, and a filter runs once per object.
    private static string TextOf(FunctionDefinitionAst function)
    {
        ScriptBlockAst body = function.Body;
        string text = body.Extent.Text.Trim();
        text = text.StartsWith('{') && text.EndsWith('}') ? text[1..^1] : text;
        if (function.IsFilter
            && body is { BeginBlock: null, EndBlock: null, DynamicParamBlock: null, ProcessBlock: { Unnamed: true } process })
        {
            text = $"{body.ParamBlock?.Extent.Text} process {{ {process.Extent.Text} }}";
        }

        return function.Parameters is { Count: > 0 } parameters
            ? $"param({string.Join(", ", parameters.Select(static parameter => parameter.Extent.Text))}) {text}"
            : text;
    }

    // On one line, which the first line of the code may share.
    private static string UsingsOf(Ast ast)
    {
        if (ast.Parent is null && ast is ScriptBlockAst)
        {
            return "";
        }

        while (ast.Parent is { } parent)
        {
            ast = parent;
        }

        return ast is ScriptBlockAst { UsingStatements: { Count: > 0 } usings }
            ? string.Concat(usings
                .Where(static u => u.UsingStatementKind is UsingStatementKind.Namespace)
                .Select(static u => u.Extent.Text + "; "))
            : "";
    }
}
