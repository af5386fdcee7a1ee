using System.Linq.Expressions;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// The code of a block, cut at its awaits. The engine binds and starts the block as ever, and calls the code that it has compiled; a
/// coroutine takes over there. Made once a block, on the worker that runs it first, and kept as long as the block's own code.
/// </summary>
internal sealed class CoroutineProgram
{
    // So much code takes the compiler long, and the memory of each suspended block grows with it.
    private const int MaxAwaits = 200;
    private const int MaxKept = 1000;

    // A step longer than this keeps others of the worker waiting; so many may be, for a machine may be busy.
    private static readonly TimeSpan LongStep = TimeSpan.FromMilliseconds(50);
    private const int ShortStepsPerLong = 50;

    private static readonly ConditionalWeakTable<object, CoroutineProgram> Known = [];

    private readonly Action<object, Coroutine>? _run;
    private long _steps;
    private long _longSteps;
    private long _ended;

    private CoroutineProgram(EngineInternals.CoroutineAccess access, object code, BlockSurvey survey)
    {
        try
        {
            _run = Compile(access, code, survey);
            access.Intercept(code, Coroutine.TakeOver);
        }
        catch (NotSuspendableException e)
        {
            Obstacle = e.Message;
        }
    }

    /// <summary>Why the block cannot be cut, or null.</summary>
    public string? Obstacle { get; }

    /// <summary>Whether its items have been seen to run in short steps, apart from their awaits.</summary>
    public bool IsQuick => IsQuickSoFar && Interlocked.Read(ref _ended) > 0;

    /// <summary>Whether none, or few of the steps of its items have been seen to be long.</summary>
    public bool IsQuickSoFar => Interlocked.Read(ref _longSteps) * ShortStepsPerLong <= Interlocked.Read(ref _steps);

    /// <summary>That of a block that nothing stands in the way of. Waits while another worker makes it.</summary>
    public static CoroutineProgram Of(EngineInternals.CoroutineAccess access, ScriptBlock block, BlockSurvey survey)
    {
        object code = access.CodeOf(block);
        lock (code)
        {
            if (!Known.TryGetValue(code, out CoroutineProgram? program))
            {
                program = new CoroutineProgram(access, code, survey);
                Known.Add(code, program);
            }

            return program;
        }
    }

    /// <summary>Runs the code from where a coroutine is, until it ends or suspends.</summary>
    public void Run(object functionContext, Coroutine coroutine) => _run!(functionContext, coroutine);

    /// <summary>Notes how long an item has run at a stretch.</summary>
    public void Note(TimeSpan step, bool ended)
    {
        Interlocked.Increment(ref _steps);
        if (step > LongStep)
        {
            Interlocked.Increment(ref _longSteps);
        }

        if (ended)
        {
            Interlocked.Increment(ref _ended);
        }
    }

    // The engine's code is `{ context variable; try { prolog; statements } finally { leave } }`, with a catch for traps that return.
    // The prolog and the end of it run at each step; the jump to the await comes between.
    private static Action<object, Coroutine> Compile(EngineInternals.CoroutineAccess access, object code, BlockSurvey survey)
    {
        if (access.TreeOf(code) is not { Parameters: [var context],
            Body: BlockExpression { Expressions: [TryExpression { Body: BlockExpression body } around] } whole })
        {
            throw new NotSuspendableException("the engine does not compile it in the way that is known");
        }

        List<AwaitSite> found = [];
        ParameterExpression frame = Expression.Parameter(typeof(Coroutine), "frame");
        AwaitFinder awaits = new(expression => EnginePipeline.Recognize(expression, survey.Sites, found));
        int prolog = body.Expressions.ToList().FindIndex(static e => e is MethodCallExpression { Method.Name: "EnterScriptFunction" }) + 1;
        if (prolog == 0 || around.Fault is not null || awaits.IsIn(around.Finally) || around.Handlers.Any(handler
            => awaits.IsIn(handler.Body)))
        {
            throw new NotSuspendableException("the engine does not compile it in the way that is known");
        }

        // These hold what the prolog gets, each time.
        ParameterExpression[] locals = [.. body.Variables.Where(static variable => variable.Name == "locals")];
        CoroutineRewriter rewriter = new(frame, awaits, [context, .. whole.Variables, .. locals]);
        rewriter.Keep(body.Variables.Except(locals));
        Expression lowered = rewriter.Lower(body.Expressions.Skip(prolog));
        if (survey.Sites.Except(found).Any())
        {
            throw new NotSuspendableException("the engine does not compile all of its awaits in the way that is known");
        }

        if (rewriter.AwaitCount > MaxAwaits || rewriter.KeptCount > MaxKept)
        {
            throw new NotSuspendableException("it is too long");
        }

        ParameterExpression given = Expression.Parameter(typeof(object), "context");
        ParameterExpression position = Expression.Variable(typeof(int), "position");
        Expression current = Expression.Field(context, access.SequencePoint);
        Expression step = Expression.Block(
            typeof(void),
            locals,
            [
                .. body.Expressions.Take(prolog),
                rewriter.Restore(),
                Expression.IfThen(rewriter.IsResuming, Expression.Assign(current, position)),
                lowered,
            ]);
        Expression complete = Expression.Block(
            typeof(void),
            [context, position, .. whole.Variables],
            Expression.Assign(context, Expression.Convert(given, access.FunctionContext)),
            Expression.Assign(position, current),
            rewriter.Complete(Expression.MakeTry(typeof(void), step, around.Finally, null, around.Handlers)));
        return Expression.Lambda<Action<object, Coroutine>>(complete, "coroutine", [given, frame]).Compile();
    }
}
