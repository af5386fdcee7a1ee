using System.Management.Automation.Language;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Finds the names that code reads before it sets them, in execution order. If the order is unknown, a name counts as read: capturing one
/// too many does no harm, because a value that a block sets hides the captured one.
/// </summary>
internal sealed partial class FreeVariableAnalyzer : AstVisitor2
{
    // Variables and functions share one set of names. No variable path has this prefix unless it names a function.
    private const string FunctionPrefix = "function:";
    private const string VariableDrive = "variable:";

    private readonly OrderedNames _variables = new();
    private readonly OrderedNames _commands = new();
    private readonly OrderedNames _commandVariables = new();
    private readonly OrderedNames _methods = new();
    private Assignments _set = new();
    private int _blockDepth;
    private bool _leaves;

    private FreeVariableAnalyzer()
    {
    }

    /// <summary>Reads a tree.</summary>
    /// <param name="ast">The syntax tree of a script block.</param>
    public static CodeReads Read(Ast ast)
    {
        FreeVariableAnalyzer reader = new();
        if (ast is FunctionDefinitionAst function)
        {
            reader.ReadFunction(function);
        }
        else
        {
            ast.Visit(reader);
        }

        return new CodeReads(
            reader._variables.ToArray(),
            reader._commands.ToArray(),
            reader._commandVariables.ToArray(),
            reader._methods.ToArray());
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitVariableExpression(VariableExpressionAst variableExpressionAst)
    {
        ReadVariable(variableExpressionAst.VariablePath);
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitUsingExpression(UsingExpressionAst usingExpressionAst)
    {
        // The block's own expressions are evaluated before anything starts. One in an inner block belongs to the code that starts
        // that block, which looks up the variable in the block around it.
        return _blockDepth > 1 ? AstVisitAction.Continue : AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitCommand(CommandAst commandAst)
    {
        if (commandAst.GetCommandName() is { Length: > 0 } name)
        {
            ReadCommand(name);
        }
        else if (commandAst.CommandElements[0] is VariableExpressionAst { VariablePath: { IsVariable: true } variable })
        {
            _commandVariables.Add(WithoutDrive(variable.UserPath));
        }

        return AstVisitAction.Continue;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitInvokeMemberExpression(InvokeMemberExpressionAst methodCallAst)
    {
        if (methodCallAst is { Static: false, Member: StringConstantExpressionAst name })
        {
            _methods.Add(name.Value);
        }

        return AstVisitAction.Continue;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitScriptBlock(ScriptBlockAst scriptBlockAst)
    {
        ReadBody(scriptBlockAst, parameters: null);
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitFunctionDefinition(FunctionDefinitionAst functionDefinitionAst)
    {
        // Before the body, which may call itself.
        _set.Add(FunctionPrefix + WithoutScope(functionDefinitionAst.Name));
        ReadFunction(functionDefinitionAst);
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitFunctionMember(FunctionMemberAst functionMemberAst)
    {
        Aside(() =>
        {
            SetParameters(functionMemberAst.Parameters);
            functionMemberAst.Body.Visit(this);
        });
        return AstVisitAction.SkipChildren;
    }

    /// <summary>The name of a function or variable without the scope before it.</summary>
    internal static string WithoutScope(string name)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && name[..colon].ToUpperInvariant() is "GLOBAL" or "SCRIPT" or "LOCAL" or "PRIVATE" ? name[(colon + 1)..] : name;
    }

    /// <summary>The name of a variable without the `variable:` drive.</summary>
    internal static string WithoutDrive(string name)
        => name.StartsWith(VariableDrive, StringComparison.OrdinalIgnoreCase) ? name[VariableDrive.Length..] : name;

    private void ReadFunction(FunctionDefinitionAst function) => ReadBody(function.Body, function.Parameters);

    // What is set inside is gone outside, and it is unknown whether and when the body runs.
    private void ReadBody(ScriptBlockAst body, IReadOnlyList<ParameterAst>? parameters) => Aside(() =>
    {
        _blockDepth++;
        SetParameters(parameters);
        if (body.ParamBlock is { } paramBlock)
        {
            VisitAll(paramBlock.Attributes);
            SetParameters(paramBlock.Parameters);
        }

        ReadPart(body.DynamicParamBlock);
        ReadPart(body.BeginBlock);
        ReadPart(body.ProcessBlock);
        ReadPart(body.EndBlock);
        _blockDepth--;
    });

    // After a `return` in one part the next part still runs.
    private void ReadPart(NamedBlockAst? part)
    {
        Assignments before = _set.Fork();
        bool around = _leaves;
        _leaves = false;
        part?.Visit(this);
        if (_leaves)
        {
            _set = before;
        }

        _leaves = around;
    }

    private void SetParameters(IReadOnlyList<ParameterAst>? parameters)
    {
        foreach (ParameterAst parameter in parameters ?? [])
        {
            VisitAll(parameter.Attributes);
            parameter.DefaultValue?.Visit(this);
            _set.Add(parameter.Name.VariablePath.UserPath);
        }
    }

    private void ReadVariable(VariablePath path)
    {
        if (path.IsDriveQualified)
        {
            if (path.DriveName.ToUpperInvariant() is "FUNCTION" or "ALIAS")
            {
                ReadCommand(path.UserPath[(path.DriveName.Length + 1)..]);
            }

            return;
        }

        string name = WithoutDrive(path.UserPath);
        if (path.IsLocal || path.IsPrivate || AutomaticVariables.Contains(WithoutScope(name)) || _set.Has(name))
        {
            return;
        }

        _variables.Add(name);
    }

    private void ReadCommand(string name)
    {
        if (!_set.Has(FunctionPrefix + name))
        {
            _commands.Add(name);
        }
    }

    private void SetVariable(VariablePath path)
    {
        if (path.IsVariable)
        {
            _set.Add(path.IsLocal || path.IsPrivate ? WithoutScope(path.UserPath) : WithoutDrive(path.UserPath));
        }
    }

    private void VisitAll(IEnumerable<Ast> asts)
    {
        foreach (Ast ast in asts)
        {
            ast.Visit(this);
        }
    }

    // Visits code whose assignments do not count for what follows.
    private void Aside(Action visit)
    {
        Assignments before = _set;
        _set = before.Fork();
        visit();
        _set = before;
    }
}
