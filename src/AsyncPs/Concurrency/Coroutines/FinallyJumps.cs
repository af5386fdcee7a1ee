using System.Linq.Expressions;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>Redirects the jumps out of a `try` to its finally clause, which is code after it, and notes their targets.</summary>
internal sealed class FinallyJumps : ExpressionVisitor
{
    private readonly HashSet<LabelTarget> _own = [];
    private readonly List<LabelTarget> _targets = [];
    private readonly ParameterExpression _jump;
    private readonly LabelTarget _clause;

    /// <summary>Finds the labels inside the `try`; jumps to them stay as they are.</summary>
    /// <param name="guarded">The `try`.</param>
    /// <param name="jump">The variable for the number of the target, from 1.</param>
    /// <param name="clause">The beginning of the clause.</param>
    public FinallyJumps(TryExpression guarded, ParameterExpression jump, LabelTarget clause)
    {
        _jump = jump;
        _clause = clause;
        var labels = new Labels(_own);
        labels.Visit(guarded.Body);
        foreach (CatchBlock handler in guarded.Handlers)
        {
            labels.Visit(handler.Body);
        }
    }

    /// <summary>The targets of the jumps, in the order of their numbers.</summary>
    public IReadOnlyList<LabelTarget> Targets => _targets;

    /// <inheritdoc/>
    protected override Expression VisitGoto(GotoExpression node)
    {
        if (_own.Contains(node.Target))
        {
            return base.VisitGoto(node);
        }

        if (node.Value is not null && node.Value.Type != typeof(void))
        {
            throw new NotSuspendableException("leaves a try with a value through a finally with an await in it");
        }

        int number = _targets.IndexOf(node.Target) + 1;
        if (number == 0)
        {
            _targets.Add(node.Target);
            number = _targets.Count;
        }

        return Expression.Block(
            node.Type,
            Visit(node.Value) ?? Expression.Empty(),
            Expression.Assign(_jump, Expression.Constant(number)),
            Expression.Goto(_clause, node.Type));
    }

    /// <inheritdoc/>
    protected override Expression VisitLambda<T>(Expression<T> node) => node;

    /// <inheritdoc/>
    protected override Expression VisitExtension(Expression node)
    {
        if (!node.CanReduce)
        {
            return node;
        }

        // A node without jumps stays, because the engine treats some of its own node types specially.
        Expression reduced = node.Reduce();
        return Visit(reduced) is { } visited && visited != reduced ? visited : node;
    }

    private sealed class Labels(HashSet<LabelTarget> found) : ExpressionVisitor
    {
        protected override LabelTarget? VisitLabelTarget(LabelTarget? node) => node;

        protected override Expression VisitLabel(LabelExpression node)
        {
            found.Add(node.Target);
            return base.VisitLabel(node);
        }

        protected override Expression VisitLoop(LoopExpression node)
        {
            found.UnionWith(new[] { node.BreakLabel, node.ContinueLabel }.OfType<LabelTarget>());
            return base.VisitLoop(node);
        }

        protected override Expression VisitExtension(Expression node) => node.CanReduce ? Visit(node.Reduce()) : node;
    }
}
