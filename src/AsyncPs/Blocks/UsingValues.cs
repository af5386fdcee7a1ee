using System.Collections;
using System.Management.Automation.Language;
using System.Text;
using System.Text.RegularExpressions;
using AsyncPs.Blocks.Capture;

namespace AsyncPs.Blocks;

/// <summary>The values of the `$using:` expressions of a block, read in the caller's scope before anything starts.</summary>
internal static partial class UsingValues
{
    /// <summary>Reads the values.</summary>
    /// <param name="block">The block.</param>
    /// <param name="caller">The cmdlet that was given the block.</param>
    /// <param name="values">Receives the values, by the engine's key.</param>
    /// <exception cref="ConcurrentArgumentException">A variable is not set in the caller's scope.</exception>
    public static void Read(ScriptBlock block, PSCmdlet caller, IDictionary<string, object?> values)
    {
        foreach (UsingExpressionAst expression in block.Ast
            .FindAll(static ast => ast is UsingExpressionAst, searchNestedScriptBlocks: true)
            .Cast<UsingExpressionAst>())
        {
            string key = Key(expression);
            if (values.ContainsKey(key))
            {
                continue;
            }

            VariableExpressionAst? variable = RootVariable(expression.SubExpression);
            if (variable is null || !IsSet(variable.VariablePath, caller))
            {
                if (IsNested(expression, block.Ast))
                {
                    // It refers to the block around it, which sets the variable itself.
                    continue;
                }

                throw CaptureErrors.UsingVariableNotSet(expression);
            }

            values[key] = Evaluate(expression.SubExpression, caller);
        }
    }

    /// <summary>The variables that the `$using:` expressions of a block read.</summary>
    public static IEnumerable<VariablePath> VariablesOf(ScriptBlock block)
        => block.Ast.FindAll(static ast => ast is UsingExpressionAst, searchNestedScriptBlocks: true)
            .Select(static ast => RootVariable(((UsingExpressionAst)ast).SubExpression)?.VariablePath).OfType<VariablePath>();

    /// <summary>The expression of an engine's key, as it is in the block; a plain variable is in lower case.</summary>
    public static string TextOf(string key) => Encoding.Unicode.GetString(Convert.FromBase64String(key));

    [GeneratedRegex(@"(\$\{?)using:", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();

    // The engine's own key of an expression.
    private static string Key(UsingExpressionAst expression)
    {
        string text = expression.ToString();
        return Convert.ToBase64String(Encoding.Unicode.GetBytes(
            expression.SubExpression is VariableExpressionAst ? text.ToLowerInvariant() : text));
    }

    private static object? Evaluate(ExpressionAst expression, PSCmdlet caller)
    {
        if (expression is VariableExpressionAst variable)
        {
            return caller.SessionState.PSVariable.GetValue(FreeVariableAnalyzer.WithoutDrive(variable.VariablePath.UserPath));
        }

        // The text of the expression still has the prefix. In a hashtable, a list stays one object on its way through the pipeline.
        ScriptBlock reader = ScriptBlock.Create($"@{{ Value = {Prefix().Replace(expression.Extent.Text, "$1", 1)} }}");
        var result = (Hashtable)caller.InvokeCommand.InvokeScript(useLocalScope: false, reader, input: null, args: null)[0].BaseObject;
        return result["Value"];
    }

    // An environment variable that is not set reads as null everywhere.
    private static bool IsSet(VariablePath path, PSCmdlet caller)
    {
        string name = FreeVariableAnalyzer.WithoutDrive(path.UserPath);
        if (!path.IsDriveQualified)
        {
            return caller.SessionState.PSVariable.Get(name) is not null;
        }

        try
        {
            return path.DriveName.Equals("env", StringComparison.OrdinalIgnoreCase)
                || caller.SessionState.PSVariable.GetValue(name) is not null;
        }
        catch (Exception e) when (e is SessionStateException or PSNotSupportedException)
        {
            return false;
        }
    }

    private static VariableExpressionAst? RootVariable(ExpressionAst? expression) => expression switch
    {
        VariableExpressionAst variable => variable,
        MemberExpressionAst member => RootVariable(member.Expression),
        IndexExpressionAst index => RootVariable(index.Target),
        _ => null,
    };

    private static bool IsNested(Ast expression, Ast root)
    {
        for (Ast? ast = expression.Parent; ast is not null && ast != root; ast = ast.Parent)
        {
            if (ast is ScriptBlockExpressionAst)
            {
                return true;
            }
        }

        return false;
    }
}
