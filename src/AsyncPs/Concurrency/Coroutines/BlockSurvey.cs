using System.Management.Automation.Language;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// What the text of a block shows: where it awaits, and what else it does. A block is compiled into a coroutine only if it waits
/// nowhere else. Many items share the worker of a suspended one. An item that blocked the worker might wait for another of them,
/// which then could not continue.
/// </summary>
internal sealed class BlockSurvey : AstVisitor
{
    private static readonly ConditionalWeakTable<Ast, BlockSurvey> Known = [];

    private readonly ScriptBlockAst _block;
    private readonly List<AwaitSite> _sites = [];
    private readonly HashSet<string> _commands = new(StringComparer.OrdinalIgnoreCase);

    private bool _defines;

    private BlockSurvey(ScriptBlockAst block)
    {
        _block = block;
        block.Visit(this);
        if (_sites.Count > 0 && block is not { BeginBlock: null, ProcessBlock: null, DynamicParamBlock: null, EndBlock.Unnamed: true })
        {
            Obstruct(block, "it has begin, process or end parts");
        }
    }

    /// <summary>The points where it can suspend.</summary>
    public IReadOnlyList<AwaitSite> Sites => _sites;

    /// <summary>Why it cannot be a coroutine, or null.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>Whether it awaits or sleeps, including where it cannot suspend.</summary>
    public bool Awaits { get; private set; }

    /// <summary>Whether none of the methods that it calls is slow.</summary>
    public bool IsQuick { get; private set; } = true;

    /// <summary>Whether it may define commands while it runs.</summary>
    public bool MayDefine => _defines || _commands.Count > 0;

    /// <summary>Whether it names <c>$PSCmdlet</c>.</summary>
    public bool NamesCmdlet { get; private set; }

    /// <summary>The commands it calls whose names tell nothing about them.</summary>
    public IReadOnlyCollection<string> UnknownCommands => _commands;

    /// <summary>The survey of a block. Made once and cached.</summary>
    public static BlockSurvey Of(ScriptBlockAst block) => Known.GetValue(block, static ast => new BlockSurvey((ScriptBlockAst)ast));

    /// <inheritdoc/>
    public override AstVisitAction VisitCommand(CommandAst commandAst)
    {
        if (commandAst.GetCommandName() is not { } name)
        {
            if (commandAst.CommandElements[0] is not ScriptBlockExpressionAst)
            {
                Obstruct(commandAst, "it runs a command that is only known when it runs");
            }

            return AstVisitAction.Continue;
        }

        if (CommandKinds.Starts(name))
        {
            return VisitAllButBlocks(commandAst);
        }

        bool awaits = CommandKinds.Suspends(name) || AwaitSite.IsSleep(name);
        Awaits |= awaits;
        if (awaits && IsInBody(commandAst) && AwaitSite.Of(commandAst) is { } site)
        {
            _sites.Add(site);
        }
        else if (CommandKinds.Waits(name))
        {
            Obstruct(commandAst, awaits ? WhyNot(commandAst, name) : $"'{name}' waits, and is no await point");
        }
        else if (!CommandKinds.IsQuick(name))
        {
            _commands.Add(name);
        }

        return CommandKinds.RunsInWorkers(name) ? VisitAllButBlocks(commandAst) : AstVisitAction.Continue;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitFunctionDefinition(FunctionDefinitionAst functionDefinitionAst)
    {
        _defines = true;
        return AstVisitAction.Continue;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitVariableExpression(VariableExpressionAst variableExpressionAst)
    {
        NamesCmdlet |= variableExpressionAst.VariablePath.UserPath.Equals("PSCmdlet", StringComparison.OrdinalIgnoreCase);
        return AstVisitAction.Continue;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitInvokeMemberExpression(InvokeMemberExpressionAst methodCallAst)
    {
        Note(methodCallAst, methodCallAst.Member);
        return AstVisitAction.Continue;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitMemberExpression(MemberExpressionAst memberExpressionAst)
    {
        Note(memberExpressionAst, memberExpressionAst.Member);
        return AstVisitAction.Continue;
    }

    private void Note(MemberExpressionAst expression, CommandElementAst member)
    {
        bool isMethod = expression is InvokeMemberExpressionAst;
        if (member is not StringConstantExpressionAst { Value: var name })
        {
            IsQuick &= !isMethod;
        }
        else if (CommandKinds.MemberWaits(name))
        {
            Obstruct(expression, $"'{name}' may wait, or take a lock, and is no await point");
        }
        else if (isMethod && CommandKinds.MemberIsSlow(name))
        {
            IsQuick = false;
        }
    }

    private AstVisitAction VisitAllButBlocks(CommandAst command)
    {
        foreach (CommandElementAst element in command.CommandElements.Where(static element => element is not ScriptBlockExpressionAst))
        {
            element.Visit(this);
        }

        return AstVisitAction.SkipChildren;
    }

    private bool IsInBody(CommandAst command)
    {
        Ast ast = command;
        while (ast.Parent is not null && ast is not (ScriptBlockAst or TrapStatementAst or ParamBlockAst or DataStatementAst))
        {
            ast = ast.Parent;
        }

        return ast == _block;
    }

    private string WhyNot(CommandAst command, string name)
        => IsInBody(command) ? $"'{name}' is not alone in its pipeline, or has parameters that an await point cannot have"
            : $"'{name}' is in another script block, a function or a trap";

    private void Obstruct(Ast where, string why)
        => Obstacle ??= $"line {where.Extent.StartLineNumber}: {why}";
}
