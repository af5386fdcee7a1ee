using System.Linq.Expressions;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// Makes a coroutine of an expression tree: code that returns where it has to wait, and that goes on there when it is called again.
/// Expressions with an await in them become statements: what is evaluated before the await goes into a temporary, and the temporaries
/// survive in the frame. Each `try` around an await begins with a jump to it, since a jump cannot lead into the middle of one.
/// </summary>
/// <remarks>It knows nothing of PowerShell. What has no await in it stays as it is.</remarks>
internal sealed partial class CoroutineRewriter
{
    private readonly AwaitFinder _awaits;
    private readonly ParameterExpression _state = Expression.Variable(typeof(int), "state");
    private readonly ParameterExpression _suspending = Expression.Variable(typeof(bool), "suspending");
    private readonly LabelTarget _exit = Expression.Label("suspend");
    private readonly List<ParameterExpression> _kept = [];
    private readonly HashSet<ParameterExpression> _keptSet = [];
    private readonly HashSet<ParameterExpression> _constant;
    private List<(int State, LabelTarget Target)> _entries = [];

    /// <summary>Makes a rewriter for one piece of code.</summary>
    /// <param name="frame">The parameter that holds the <see cref="CoroutineFrame"/>.</param>
    /// <param name="awaits">Finds the awaits.</param>
    /// <param name="constant">The parameters that are the same each time the code is called.</param>
    public CoroutineRewriter(ParameterExpression frame, AwaitFinder awaits, params ParameterExpression[] constant)
    {
        Frame = frame;
        _awaits = awaits;
        _constant = [.. constant];
    }

    /// <summary>The parameter that holds the frame.</summary>
    public ParameterExpression Frame { get; }

    /// <summary>How many awaits there are so far.</summary>
    public int AwaitCount { get; private set; }

    /// <summary>How many temporaries there are so far.</summary>
    public int KeptCount => _kept.Count;

    /// <summary>Whether the code has been called to go on.</summary>
    public Expression IsResuming => Expression.NotEqual(_state, Expression.Constant(0));

    /// <summary>Keeps variables while the code is suspended.</summary>
    public void Keep(IEnumerable<ParameterExpression> variables) => _kept.AddRange(variables.Where(_keptSet.Add));

    /// <summary>Makes statements of code with awaits in it, which begin with a jump to where it is to go on.</summary>
    /// <exception cref="NotSuspendableException">It has something in it that cannot be done.</exception>
    public Expression Lower(IEnumerable<Expression> code)
    {
        _entries = [];
        List<Expression> lowered = [.. code.Select(statement => Lower(statement, null))];
        return Statements([Dispatch(_entries), .. lowered]);
    }

    /// <summary>The code to run before what <see cref="Lower(IEnumerable{Expression})"/> returns: brings back what was kept.</summary>
    public Expression Restore() => Statements(
    [
        Expression.Assign(_state, Expression.Field(Frame, nameof(CoroutineFrame.State))),
        Expression.IfThen(IsResuming, Statements([.. _kept.Select((kept, i) => Expression.Assign(kept, Expression.Convert(Slot(i),
            kept.Type)))])),
    ]);

    /// <summary>The whole, around code in which <see cref="Restore"/> and the lowered code are.</summary>
    public BlockExpression Complete(Expression code)
    {
        Expression save = Expression.NewArrayInit(typeof(object), _kept.Select(static kept => Expression.Convert(kept, typeof(object))));
        return Expression.Block(
            typeof(void),
            [_state, _suspending, .. _kept],
            code,
            Expression.Label(_exit),
            Expression.Assign(Expression.Field(Frame, nameof(CoroutineFrame.IsSuspended)), _suspending),
            Expression.Assign(
                Expression.Field(Frame, nameof(CoroutineFrame.FifoSemaphore)),
                Expression.Condition(_suspending, save, Expression.Constant(null, typeof(object?[])))));
    }

    private static BlockExpression Statements(List<Expression> statements)
        => Expression.Block(typeof(void), statements.Count == 0 ? [Expression.Empty()] : statements);

    private BinaryExpression Slot(int index) => Expression.ArrayIndex(Expression.Field(Frame, nameof(CoroutineFrame.FifoSemaphore)),
        Expression.Constant(index));

    private ParameterExpression NewKept(Type type)
    {
        ParameterExpression variable = Expression.Variable(type);
        Keep([variable]);
        return variable;
    }

    private Expression Dispatch(List<(int State, LabelTarget Target)> entries)
        => entries.Count == 0 ? Expression.Empty() : Expression.Switch(
            typeof(void),
            _state,
            defaultBody: null,
            comparison: null,
            entries.Select(static entry => Expression.SwitchCase(Expression.Goto(entry.Target), Expression.Constant(entry.State))));

    // Code that can only be entered at its beginning: those who want to go on in its middle jump to its entry, and from there on.
    private BlockExpression Region(LabelTarget entry, Func<Expression> lower)
    {
        List<(int State, LabelTarget Target)> outer = _entries;
        _entries = [];
        Expression lowered = lower();
        List<(int State, LabelTarget Target)> inner = _entries;
        outer.AddRange(inner.Select(own => (own.State, entry)));
        _entries = outer;
        return Statements([Dispatch(inner), lowered]);
    }

    private BlockExpression Await(AwaitPoint point, ParameterExpression? target)
    {
        List<Expression> statements = [];
        Expression[] operands = Spill(point.Operands, statements, all: true);
        int state = ++AwaitCount;
        LabelTarget resume = Expression.Label("resume" + state);
        statements.Add(point.Begin(Frame, operands));
        statements.Add(Expression.Label(resume));
        statements.Add(Expression.Assign(_state, Expression.Constant(0)));
        statements.Add(Expression.IfThen(
            Expression.Call(Frame, nameof(CoroutineFrame.MustSuspend), null),
            Statements(
            [
                Expression.Assign(Expression.Field(Frame, nameof(CoroutineFrame.State)), Expression.Constant(state)),
                Expression.Assign(_suspending, Expression.Constant(true)),
                Expression.Goto(_exit),
            ])));
        statements.Add(Set(target, point.End(Frame, operands)));
        _entries.Add((state, resume));
        return Statements(statements);
    }

    private static Expression Set(ParameterExpression? target, Expression value)
        => target is null || value.Type == typeof(void) ? value
            : Expression.Assign(target, value.Type == target.Type ? value : Expression.Convert(value, target.Type));
}
