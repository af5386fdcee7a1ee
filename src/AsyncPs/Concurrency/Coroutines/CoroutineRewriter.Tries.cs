using System.Linq.Expressions;
using System.Runtime.ExceptionServices;

namespace AsyncPs.Concurrency.Coroutines;

/// <content>
/// `try` around an await. A jump can neither leave a finally block nor enter a handler. A finally or handler that contains an await
/// therefore becomes code after the `try`, which runs however the `try` is left.
/// </content>
internal sealed partial class CoroutineRewriter
{
    private BlockExpression LowerTry(TryExpression guarded, ParameterExpression? target)
    {
        if (guarded.Fault is not null || guarded.Handlers.Any(handler => _awaits.IsIn(handler.Filter)))
        {
            throw new NotSuspendableException("has an exception filter with an await in it");
        }

        LabelTarget entry = Expression.Label("try");
        return _awaits.IsIn(guarded.Finally) ? LowerWithFinally(guarded, entry, target)
            : guarded.Handlers.Any(handler => _awaits.IsIn(handler.Body)) ? LowerWithHandlers(guarded, entry, target)
            : Statements(
            [
                Expression.Label(entry),
                Expression.MakeTry(
                    typeof(void),
                    Region(entry, () => Lower(guarded.Body, target)),
                    UnlessSuspending(guarded.Finally),
                    fault: null,
                    guarded.Handlers.Select(handler => ForTarget(handler, target))),
            ]);
    }

    // A suspended coroutine has not left its `try`.
    private ConditionalExpression? UnlessSuspending(Expression? clause)
        => clause is null ? null : Expression.IfThen(Expression.Not(_suspending), Statements([clause]));

    private static CatchBlock ForTarget(CatchBlock handler, ParameterExpression? target)
    {
        Expression body = target is null || handler.Body.Type == typeof(void) ? handler.Body : Set(target, handler.Body);
        return Expression.MakeCatchBlock(handler.Test, handler.Variable, Statements([body]), handler.Filter);
    }

    private BlockExpression LowerWithHandlers(TryExpression guarded, LabelTarget entry, ParameterExpression? target)
    {
        Expression whole = Region(entry, () =>
        {
            ParameterExpression which = NewKept(typeof(int));
            List<CatchBlock> handlers = [];
            List<(ParameterExpression Caught, CatchBlock Handler)> moved = [];
            foreach (CatchBlock handler in guarded.Handlers)
            {
                if (!_awaits.IsIn(handler.Body))
                {
                    handlers.Add(ForTarget(handler, target));
                    continue;
                }

                ParameterExpression caught = NewKept(handler.Test);
                moved.Add((caught, handler));
                ParameterExpression thrown = Expression.Variable(handler.Test);
                Expression note = Statements([Expression.Assign(caught, thrown), Expression.Assign(which,
                    Expression.Constant(moved.Count))]);
                handlers.Add(Expression.MakeCatchBlock(handler.Test, thrown, note, handler.Filter));
            }

            LabelTarget inner = Expression.Label("body");
            return Statements(
            [
                Expression.Assign(which, Expression.Constant(0)),
                Expression.Label(inner),
                Expression.TryCatch(Region(inner, () => Lower(guarded.Body, target)), [.. handlers]),
                Expression.Switch(
                    typeof(void),
                    which,
                    defaultBody: null,
                    comparison: null,
                    moved.Select((one, i) => Expression.SwitchCase(LowerHandler(one.Caught, one.Handler, target), Expression.Constant(i
                        + 1)))),
            ]);
        });
        return Statements([Expression.Label(entry), guarded.Finally is null ? whole : Expression.TryFinally(whole,
            UnlessSuspending(guarded.Finally)!)]);
    }

    private BlockExpression LowerHandler(ParameterExpression caught, CatchBlock handler, ParameterExpression? target)
    {
        Expression body = new RethrowReplacer(caught).Visit(handler.Body);
        if (handler.Variable is null)
        {
            return Statements([Lower(body, target)]);
        }

        Keep([handler.Variable]);
        return Statements([Expression.Assign(handler.Variable, caught), Lower(body, target)]);
    }

    private BlockExpression LowerWithFinally(TryExpression guarded, LabelTarget entry, ParameterExpression? target)
    {
        ParameterExpression pending = NewKept(typeof(Exception));
        ParameterExpression jump = NewKept(typeof(int));
        ParameterExpression thrown = Expression.Variable(typeof(Exception));
        LabelTarget clause = Expression.Label("finally");
        var jumps = new FinallyJumps(guarded, jump, clause);
        Expression body = jumps.Visit(guarded.Handlers.Count == 0 ? guarded.Body : Expression.TryCatch(guarded.Body,
            [.. guarded.Handlers]));
        Expression lowered = Region(entry, () => Lower(body, target));
        return Statements(
        [
            Expression.Assign(pending, Expression.Constant(null, typeof(Exception))),
            Expression.Assign(jump, Expression.Constant(0)),
            Expression.Label(entry),
            Expression.TryCatch(lowered, Expression.Catch(thrown, Statements([Expression.Assign(pending, thrown)]))),
            Expression.Label(clause),
            Lower(guarded.Finally!, null),
            Expression.IfThen(Expression.NotEqual(pending, Expression.Constant(null)), RethrowReplacer.Throw(pending)),
            Dispatch(jump, jumps.Targets),
        ]);
    }

    private static Expression Dispatch(ParameterExpression jump, IReadOnlyList<LabelTarget> targets)
        => targets.Count == 0 ? Expression.Empty() : Expression.Switch(
            typeof(void),
            jump,
            defaultBody: null,
            comparison: null,
            targets.Select(static (target, i) => Expression.SwitchCase(Expression.Goto(target), Expression.Constant(i + 1))));

    // A rethrow outside a handler must name what was caught.
    private sealed class RethrowReplacer(ParameterExpression caught) : ExpressionVisitor
    {
        public static MethodCallExpression Throw(Expression exception)
            => Expression.Call(typeof(ExceptionDispatchInfo), nameof(ExceptionDispatchInfo.Throw), null, Expression.Convert(exception,
                typeof(Exception)));

        protected override Expression VisitUnary(UnaryExpression node)
            => node is { NodeType: ExpressionType.Throw, Operand: null }
                ? node.Type == typeof(void) ? Throw(caught) : Expression.Block(node.Type, Throw(caught), Expression.Default(node.Type))
                : base.VisitUnary(node);

        protected override CatchBlock VisitCatchBlock(CatchBlock node) => node;

        protected override Expression VisitExtension(Expression node) => node;
    }
}
