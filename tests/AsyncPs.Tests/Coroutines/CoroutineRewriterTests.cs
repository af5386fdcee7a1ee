using System.Linq.Expressions;
using AsyncPs.Concurrency.Coroutines;
using Xunit;

namespace AsyncPs.Tests.Coroutines;

/// <summary>Expressions do the same as coroutines, in the same order, however often they are suspended; without PowerShell.</summary>
public sealed class CoroutineRewriterTests
{
    private static readonly ParameterExpression Log = Expression.Parameter(typeof(List<string>), "log");

    public static TheoryData<string> Names { get; } = [.. Codes().Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_coroutine_does_what_the_code_does(string name)
    {
        Expression code = Codes()[name];
        List<string> expected = RunThrough(code);
        foreach (bool suspends in new[] { false, true })
        {
            List<string> actual = RunAsCoroutine(code, suspends, out int suspensions);

            Assert.Equal(expected, actual);
            Assert.Equal(suspends, suspensions > 0);
        }
    }

    [Fact]
    public void An_exception_at_an_await_leaves_it_as_one_of_the_code_does()
    {
        Expression code = Expression.TryFinally(Expression.Block(Write("a"), AwaitInt(1), Write("no")), Write("finally"));
        var frame = new Frame { Suspends = true };
        List<string> log = [];
        Action<Frame, List<string>> coroutine = Rewrite(code);

        coroutine(frame, log);
        frame.Stop = true;
        Assert.Throws<OperationCanceledException>(() => coroutine(frame, log));

        Assert.Equal(["a", "evaluated 1", "finally"], log);
    }

    [Fact]
    public void What_cannot_be_done_is_refused()
    {
        Expression filter = Expression.TryCatch(Write("a"), Expression.Catch(typeof(Exception), Write("b"), Expression.Equal(AwaitInt(1),
            Expression.Constant(1))));

        Assert.Throws<NotSuspendableException>(() => Rewrite(filter));
    }

    private static Dictionary<string, Expression> Codes()
    {
        ParameterExpression i = Expression.Variable(typeof(int), "i");
        ParameterExpression caught = Expression.Variable(typeof(Exception), "caught");
        LabelTarget end = Expression.Label("end");
        LabelTarget next = Expression.Label("next");
        Expression loop = Expression.Block(
            [i],
            Expression.Assign(i, Expression.Constant(0)),
            Expression.Loop(
                Expression.Block(
                    Expression.IfThen(Expression.GreaterThanOrEqual(i, AwaitInt(3)), Expression.Break(end)),
                    Expression.Assign(i, Expression.Add(i, Expression.Constant(1))),
                    Expression.IfThen(Expression.Equal(i, Expression.Constant(2)), Expression.Continue(next)),
                    WriteInt(Expression.Multiply(i, AwaitInt(10)))),
                end,
                next));
        return new()
        {
            ["statements"] = Expression.Block(Write("a"), AwaitInt(1), Write("b"), AwaitInt(2), Write("c")),
            ["operands in order"] = WriteInt(Expression.Add(Number(1), Expression.Add(AwaitInt(2), Expression.Add(Number(3),
                AwaitInt(4))))),
            ["and"] = WriteIf(Expression.AndAlso(Expression.Equal(AwaitInt(1), Number(1)), Expression.Equal(AwaitInt(2), Number(3)))),
            ["or"] = WriteIf(Expression.OrElse(Expression.Equal(AwaitInt(1), Number(1)), Expression.Equal(AwaitInt(2), Number(3)))),
            ["condition"] = WriteInt(Expression.Condition(Expression.Equal(AwaitInt(1), Number(1)), AwaitInt(5), Number(6))),
            ["loop"] = loop,
            ["switch"] = Expression.Switch(
                AwaitInt(2),
                Write("default"),
                Expression.SwitchCase(Write("one"), Expression.Constant(1)),
                Expression.SwitchCase(Expression.Block(AwaitInt(7), Write("two")), Expression.Constant(2))),
            ["array"] = WriteInt(Expression.ArrayIndex(Expression.NewArrayInit(typeof(int), Number(1), AwaitInt(2), Number(3)),
                AwaitInt(1))),
            ["try finally"] = Expression.TryFinally(Expression.Block(AwaitInt(1), Write("body"), AwaitInt(2)), Write("finally")),
            ["catch"] = Expression.TryCatch(
                Expression.Block(AwaitInt(1), Throw("x"), Write("no")),
                Expression.Catch(caught, Expression.Block(typeof(void), WriteText(Expression.Property(caught, "Message"))))),
            ["await in catch"] = Expression.TryCatchFinally(
                Expression.Block(Throw("x"), Write("no")),
                Write("finally"),
                Expression.Catch(caught, Expression.Block(typeof(void), AwaitInt(1), WriteText(Expression.Property(caught, "Message"))))),
            ["rethrow after an await"] = Expression.TryCatch(
                Expression.TryCatch(
                    Expression.Block(Throw("x"), Write("no")),
                    Expression.Catch(caught, Expression.Block(typeof(void), AwaitInt(1), Expression.Rethrow()))),
                Expression.Catch(caught, Expression.Block(typeof(void), WriteText(Expression.Property(caught, "Message"))))),
            ["await in finally"] = Expression.TryFinally(Write("body"), Expression.Block(AwaitInt(1), Write("finally"))),
            ["exception through a finally with an await"] = Expression.TryCatch(
                Expression.TryFinally(Expression.Block(AwaitInt(0), Throw("x")), Expression.Block(AwaitInt(1), Write("finally"))),
                Expression.Catch(caught, Expression.Block(typeof(void), WriteText(Expression.Property(caught, "Message"))))),
            ["jump through a finally with an await"] = Expression.Loop(
                Expression.TryFinally(Expression.Block(AwaitInt(0), Write("body"), Expression.Break(end)), Expression.Block(AwaitInt(1),
                    Write("finally"))),
                end),
            ["nested try"] = Expression.TryFinally(
                Expression.Block(
                    Expression.TryFinally(Expression.Block(AwaitInt(1), Write("inner")), Write("first")),
                    AwaitInt(2),
                    Write("outer")),
                Write("second")),
        };
    }

    public static int Await(int value) => value;

    public static int Note(List<string> log, int value)
    {
        log.Add($"evaluated {value}");
        return value;
    }

    private static MethodCallExpression AwaitInt(int value)
        => Expression.Call(typeof(CoroutineRewriterTests), nameof(Await), null, Number(value));

    private static MethodCallExpression Number(int value)
        => Expression.Call(typeof(CoroutineRewriterTests), nameof(Note), null, Log, Expression.Constant(value));

    private static MethodCallExpression WriteText(Expression text) => Expression.Call(Log, nameof(List<string>.Add), null, text);

    private static MethodCallExpression Write(string text) => WriteText(Expression.Constant(text));

    private static MethodCallExpression WriteInt(Expression value) => WriteText(Expression.Call(value, nameof(int.ToString), null));

    private static ConditionalExpression WriteIf(Expression condition) => Expression.IfThenElse(condition, Write("yes"), Write("no"));

    private static UnaryExpression Throw(string message)
        => Expression.Throw(Expression.New(typeof(InvalidOperationException).GetConstructor([typeof(string)])!,
            Expression.Constant(message)));

    private static List<string> RunThrough(Expression code)
    {
        List<string> log = [];
        Expression.Lambda<Action<List<string>>>(Expression.Block(typeof(void), code), Log).Compile()(log);
        return log;
    }

    private static List<string> RunAsCoroutine(Expression code, bool suspends, out int suspensions)
    {
        List<string> log = [];
        var frame = new Frame { Suspends = suspends };
        Action<Frame, List<string>> coroutine = Rewrite(code);
        suspensions = -1;
        do
        {
            suspensions++;
            coroutine(frame, log);
        }
        while (frame.IsSuspended);
        return log;
    }

    private static Action<Frame, List<string>> Rewrite(Expression code)
    {
        ParameterExpression frame = Expression.Parameter(typeof(Frame), "frame");
        AwaitFinder awaits = new(static node => node is not MethodCallExpression { Method.Name: nameof(Await) } call
            ? null : new AwaitPoint(
            call.Arguments,
            static (frame, _) => Expression.Call(frame, nameof(Frame.Begin), null),
            static (_, values) => values[0]));
        CoroutineRewriter rewriter = new(frame, awaits, Log);
        Expression lowered = rewriter.Lower([code]);
        return Expression.Lambda<Action<Frame, List<string>>>(rewriter.Complete(Expression.Block(typeof(void), rewriter.Restore(),
            lowered)), frame, Log).Compile();
    }

    private sealed class Frame : CoroutineFrame
    {
        private bool _waits;

        public bool Suspends { get; init; }

        public bool Stop { get; set; }

        public void Begin() => _waits = Suspends;

        public override bool MustSuspend()
        {
            if (Stop)
            {
                throw new OperationCanceledException();
            }

            bool waits = _waits;
            _waits = false;
            return waits;
        }
    }
}
