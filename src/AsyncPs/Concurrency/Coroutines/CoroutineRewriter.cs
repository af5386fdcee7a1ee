using System.Linq.Expressions;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// Makes a coroutine from an expression tree: code that returns where it has to wait, and continues there when it is called again.
/// Expressions that contain an await become statements. What is evaluated before the await goes into a temporary, and the temporaries
/// survive in the frame. Each `try` around an await begins with a jump to it, because a jump cannot lead into the middle of a `try`.
/// </summary>
/// <remarks>It knows nothing of PowerShell. Code without an await stays as it is.</remarks>
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
    /// <param name="constant">The parameters that do not change between calls of the code.</param>
    public CoroutineRewriter(ParameterExpression frame, AwaitFinder awaits, params ParameterExpression[] constant)
    {
        Frame = frame;
        _awaits = awaits;
        _constant = [.. constant];
    }

    /// <summary>The parameter that holds the frame.</summary>
    public ParameterExpression Frame { get; }

    /// <summary>The number of awaits so far.</summary>
    public int AwaitCount { get; private set; }

    /// <summary>The number of temporaries so far.</summary>
    public int KeptCount => _kept.Count;

    /// <summary>An expression that is true when the code was called to resume.</summary>
    public Expression IsResuming => Expression.NotEqual(_state, Expression.Constant(0));

    /// <summary>Keeps variables while the code is suspended.</summary>
    public void Keep(IEnumerable<ParameterExpression> variables) => _kept.AddRange(variables.Where(_keptSet.Add));

    /// <summary>Makes statements of code that contains awaits. They begin with a jump to the point where the code resumes.</summary>
    /// <exception cref="NotSuspendableException">The code contains something that cannot be rewritten.</exception>
    public Expression Lower(IEnumerable<Expression> code)
    {
        _entries = [];
        List<Expression> lowered = [.. code.Select(statement => Lower(statement, null))];
        return Statements([Dispatch(_entries), .. lowered]);
    }

    /// <summary>
    /// The code that runs before what <see cref="Lower(IEnumerable{Expression})"/> returns: it restores the kept variables.
    /// </summary>
    public Expression Restore() => Statements(
    [
        Expression.Assign(_state, Expression.Field(Frame, nameof(CoroutineFrame.State))),
        Expression.IfThen(IsResuming, Statements([.. _kept.Select((kept, i) => Expression.Assign(kept, Expression.Convert(Slot(i),
            kept.Type)))])),
    ]);

    /// <summary>The complete code, around a body that contains <see cref="Restore"/> and the lowered code.</summary>
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
                Expression.Field(Frame, nameof(CoroutineFrame.Temporaries)),
                Expression.Condition(_suspending, save, Expression.Constant(null, typeof(object?[])))));
    }

    private static BlockExpression Statements(List<Expression> statements)
        => Expression.Block(typeof(void), statements.Count == 0 ? [Expression.Empty()] : statements);

    private BinaryExpression Slot(int index) => Expression.ArrayIndex(Expression.Field(Frame, nameof(CoroutineFrame.Temporaries)),
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

    // A region that can only be entered at its beginning: to resume inside it, the code jumps to its entry and from there onwards.
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
        statements.Add(Expression.IfThen(Expression.Property(Frame, nameof(CoroutineFrame.MustWaitOn)), Expression.Goto(resume)));
        _entries.Add((state, resume));
        return Statements(statements);
    }

    private static Expression Set(ParameterExpression? target, Expression value)
        => target is null || value.Type == typeof(void) ? value
            : Expression.Assign(target, value.Type == target.Type ? value : Expression.Convert(value, target.Type));
}
