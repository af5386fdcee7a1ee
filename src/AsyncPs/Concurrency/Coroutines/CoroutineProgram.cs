using System.Linq.Expressions;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// The code of a block that can suspend at its awaits. The engine binds and starts the block as usual and calls its compiled code,
/// where a coroutine takes over. It is made once per block, on the first worker that runs it, and lives as long as the block's code.
/// </summary>
internal sealed class CoroutineProgram
{
    // More than this takes long to compile, and the memory of each suspended block grows with it.
    private const int MaxAwaits = 200;
    private const int MaxKept = 1000;

    // The allowed total time of long steps, plus a little for each step, because the first ones compile the code that they run.
    private const long LongMillisecondsAtFirst = 2000;

    private static readonly ConditionalWeakTable<object, CoroutineProgram> Known = [];

    /// <summary>A step longer than this delays the other items of the worker.</summary>
    public static readonly TimeSpan LongStep = TimeSpan.FromMilliseconds(50);

    private readonly Action<object, Coroutine>? _run;
    private long _steps;
    private long _longMilliseconds;
    private long _ended;

    private CoroutineProgram(EngineInternals.CoroutineAccess access, object code, BlockSurvey survey)
    {
        try
        {
            _run = Compile(access, code, survey);
            access.Intercept(code, functionContext => Coroutine.TakeOver(functionContext, this));
        }
        catch (NotSuspendableException e)
        {
            Obstacle = e.Message;
        }
    }

    /// <summary>Why the block cannot suspend, or null.</summary>
    public string? Obstacle { get; }

    /// <summary>Whether its items have run in short steps between their awaits.</summary>
    public bool IsQuick => IsQuickSoFar && Interlocked.Read(ref _ended) > 0;

    /// <summary>Whether none or few of its items' steps have been long.</summary>
    public bool IsQuickSoFar => Interlocked.Read(ref _longMilliseconds) <= LongMillisecondsAtFirst + Interlocked.Read(ref _steps);

    /// <summary>The program of a block without obstacles. Waits while another worker makes it.</summary>
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

    /// <summary>Runs the code of a coroutine until it ends or suspends.</summary>
    public void Run(object functionContext, Coroutine coroutine) => _run!(functionContext, coroutine);

    /// <summary>Notes how long one step of an item took, without the time in which others had the processors.</summary>
    public void Note(TimeSpan step, bool ended)
    {
        Interlocked.Increment(ref _steps);
        if (step > LongStep)
        {
            Interlocked.Add(ref _longMilliseconds, (long)step.TotalMilliseconds);
        }

        if (ended)
        {
            Interlocked.Increment(ref _ended);
        }
    }

    // The engine's code is `{ context variable; try { prolog; statements } finally { leave } }`, with a catch for traps that return.
    // The prolog and the epilog run at each step; the jump to the await is between them.
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

        // The prolog sets these each time.
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
