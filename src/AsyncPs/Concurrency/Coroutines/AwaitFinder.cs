using System.Linq.Expressions;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>Finds the awaits in an expression tree. Each part of the tree is visited once.</summary>
/// <param name="recognize">Returns what an expression awaits; null if it is no await.</param>
internal sealed class AwaitFinder(Func<Expression, AwaitPoint?> recognize)
{
    private readonly Dictionary<Expression, bool> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Expression, AwaitPoint> _points = new(ReferenceEqualityComparer.Instance);

    /// <summary>The await that an expression is, or null.</summary>
    public AwaitPoint? PointAt(Expression expression)
    {
        if (_points.TryGetValue(expression, out AwaitPoint? known))
        {
            return known;
        }

        if (recognize(expression) is { } point)
        {
            _points.Add(expression, point);
            return point;
        }

        return null;
    }

    /// <summary>Whether an expression is an await or contains one.</summary>
    public bool IsIn(Expression? expression)
    {
        if (expression is null)
        {
            return false;
        }

        if (!_known.TryGetValue(expression, out bool isIn))
        {
            isIn = PointAt(expression) is not null || new Search(this, expression).Succeeds();
            _known.Add(expression, isIn);
        }

        return isIn;
    }

    private sealed class Search(AwaitFinder finder, Expression root) : ExpressionVisitor
    {
        private bool _found;

        public bool Succeeds()
        {
            if (root is not LambdaExpression)
            {
                base.Visit(root);
            }

            return _found;
        }

        public override Expression? Visit(Expression? node)
        {
            _found = _found || finder.IsIn(node);
            return node;
        }

        protected override Expression VisitExtension(Expression node)
        {
            _found = _found || (node.CanReduce && finder.IsIn(node.Reduce()));
            return node;
        }
    }
}
