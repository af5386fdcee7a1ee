using System.Management.Automation.Language;

namespace AsyncPs.Blocks.Capture;

/// <summary>The statements that set variables, and those that decide whether others run.</summary>
internal sealed partial class FreeVariableAnalyzer
{
    /// <inheritdoc/>
    public override AstVisitAction VisitAssignmentStatement(AssignmentStatementAst assignmentStatementAst)
    {
        if (assignmentStatementAst.Operator != TokenKind.Equals)
        {
            assignmentStatementAst.Left.Visit(this);
        }

        assignmentStatementAst.Right.Visit(this);
        SetTarget(
            assignmentStatementAst.Left,
            certain: assignmentStatementAst.Operator == TokenKind.Equals && !MayBeSkipped(assignmentStatementAst));
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitDataStatement(DataStatementAst dataStatementAst)
    {
        dataStatementAst.Body.Visit(this);
        if (dataStatementAst.Variable is { } variable)
        {
            _set.Add(variable);
        }

        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitIfStatement(IfStatementAst ifStmtAst)
    {
        Assignments? after = null;
        foreach ((PipelineBaseAst condition, StatementBlockAst body) in ifStmtAst.Clauses)
        {
            condition.Visit(this);
            Assignments otherwise = _set;
            _set = otherwise.Fork();
            body.Visit(this);
            after = after is null ? _set : Assignments.Join(after, _set);
            _set = otherwise;
        }

        ifStmtAst.ElseClause?.Visit(this);
        _set = Assignments.Join(after!, _set);
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitSwitchStatement(SwitchStatementAst switchStatementAst)
    {
        switchStatementAst.Condition.Visit(this);
        foreach ((ExpressionAst label, StatementBlockAst body) in switchStatementAst.Clauses)
        {
            Aside(() =>
            {
                label.Visit(this);
                body.Visit(this);
            });
        }

        Aside(() => switchStatementAst.Default?.Visit(this));
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitForEachStatement(ForEachStatementAst forEachStatementAst)
    {
        forEachStatementAst.Condition.Visit(this);
        forEachStatementAst.ThrottleLimit?.Visit(this);
        Aside(() =>
        {
            SetVariable(forEachStatementAst.Variable.VariablePath);
            forEachStatementAst.Body.Visit(this);
        });
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitForStatement(ForStatementAst forStatementAst)
    {
        forStatementAst.Initializer?.Visit(this);
        forStatementAst.Condition?.Visit(this);
        Aside(() => forStatementAst.Body.Visit(this));

        // It also runs after a `continue`, so it cannot rely on variables that the body sets.
        Aside(() => forStatementAst.Iterator?.Visit(this));
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitWhileStatement(WhileStatementAst whileStatementAst)
    {
        whileStatementAst.Condition.Visit(this);
        Aside(() => whileStatementAst.Body.Visit(this));
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitDoWhileStatement(DoWhileStatementAst doWhileStatementAst) => VisitDo(doWhileStatementAst);

    /// <inheritdoc/>
    public override AstVisitAction VisitDoUntilStatement(DoUntilStatementAst doUntilStatementAst) => VisitDo(doUntilStatementAst);

    /// <inheritdoc/>
    public override AstVisitAction VisitTryStatement(TryStatementAst tryStatementAst)
    {
        Assignments before = _set;
        _set = before.Fork();
        tryStatementAst.Body.Visit(this);
        Assignments after = _set;
        foreach (CatchClauseAst clause in tryStatementAst.CatchClauses)
        {
            _set = before.Fork();
            clause.Body.Visit(this);
            after = Assignments.Join(after, _set);
        }

        _set = before.Fork();
        tryStatementAst.Finally?.Visit(this);
        _set = after;
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitTrap(TrapStatementAst trapStatementAst)
    {
        Aside(() => trapStatementAst.Body.Visit(this));
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitBinaryExpression(BinaryExpressionAst binaryExpressionAst)
    {
        binaryExpressionAst.Left.Visit(this);

        // `-and`, `-or` and `??` may skip it.
        Aside(() => binaryExpressionAst.Right.Visit(this));
        return AstVisitAction.SkipChildren;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitReturnStatement(ReturnStatementAst returnStatementAst)
        => VisitExit(returnStatementAst.Pipeline, returnStatementAst);

    /// <inheritdoc/>
    public override AstVisitAction VisitExitStatement(ExitStatementAst exitStatementAst)
        => VisitExit(exitStatementAst.Pipeline, exitStatementAst);

    /// <inheritdoc/>
    public override AstVisitAction VisitBreakStatement(BreakStatementAst breakStatementAst)
        => VisitExit(breakStatementAst.Label, breakStatementAst);

    /// <inheritdoc/>
    public override AstVisitAction VisitContinueStatement(ContinueStatementAst continueStatementAst)
        => VisitExit(continueStatementAst.Label, continueStatementAst);

    private AstVisitAction VisitDo(LoopStatementAst loop)
    {
        // It runs at least once, but a `break` or `continue` may leave it anywhere.
        Aside(() => loop.Body.Visit(this));
        loop.Condition.Visit(this);
        return AstVisitAction.SkipChildren;
    }

    private AstVisitAction VisitExit(Ast? value, StatementAst statement)
    {
        // Not for `throw`: code continues after it where errors are silent or trapped.
        value?.Visit(this);
        _set.Unreachable |= !MayBeSkipped(statement);
        _leaves = true;
        return AstVisitAction.SkipChildren;
    }

    private void SetTarget(ExpressionAst target, bool certain)
    {
        switch (target)
        {
            case VariableExpressionAst variable:
                if (certain)
                {
                    SetVariable(variable.VariablePath);
                }

                break;
            case AttributedExpressionAst { Child: ExpressionAst child } attributed:
                attributed.Attribute.Visit(this);
                SetTarget(child, certain);
                break;
            case ArrayLiteralAst list:
                foreach (ExpressionAst element in list.Elements)
                {
                    SetTarget(element, certain);
                }

                break;
            case ParenExpressionAst { Pipeline: PipelineAst { PipelineElements: [CommandExpressionAst { Expression: { } inner }] } }:
                SetTarget(inner, certain);
                break;
            default:
                // A property or an element of an object, which is read.
                target.Visit(this);
                break;
        }
    }

    // `a ? b : c` and `a && b` are newer than the API that this is compiled against, so the visitor cannot tell their parts apart.
    private static bool MayBeSkipped(Ast ast)
    {
        for (Ast? parent = ast.Parent; parent is not (null or NamedBlockAst); parent = parent.Parent)
        {
            if (parent.GetType().Name is "TernaryExpressionAst" or "PipelineChainAst")
            {
                return true;
            }
        }

        return false;
    }
}
