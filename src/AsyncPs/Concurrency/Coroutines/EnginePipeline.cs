using System.Linq.Expressions;
using System.Management.Automation.Language;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// The calls by which a block's compiled code runs its pipelines. The syntax of each command is an argument of the call, so the awaits
/// among them are found by these calls alone.
/// </summary>
internal static class EnginePipeline
{
    private const string Method = "InvokePipeline";
    private const string Class = "PipelineOps";
    private const string Argument = "CommandParameterInternal";

    private const int Input = 0;
    private const int Syntax = 3;
    private const int Context = 5;

    /// <summary>The await that an expression is, or null.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="sites">The points where the block can suspend.</param>
    /// <param name="found">Receives the site of the await.</param>
    public static AwaitPoint? Recognize(Expression expression, IReadOnlyList<AwaitSite> sites, ICollection<AwaitSite> found)
    {
        if (expression is not MethodCallExpression { Method: { Name: Method, DeclaringType.Name: Class },
            Arguments: { Count: 6 } arguments } call
            || arguments[Syntax] is not ConstantExpression { Value: CommandBaseAst[] commands }
            || sites.FirstOrDefault(site => commands.Contains(site.Command)) is not { } site)
        {
            return null;
        }

        List<Expression> operands = [];
        Expression? awaited = site is { Value: null, Kind: AwaitKind.Task } ? arguments[Input] : null;
        Rebuild(call, (leaf, syntax) =>
        {
            if (syntax is not null && syntax == site.Value)
            {
                awaited = leaf;
            }

            operands.Add(leaf);
            return leaf;
        });
        if (awaited is null && site.Kind != AwaitKind.Command)
        {
            return null;
        }

        found.Add(site);
        int index = awaited is null ? -1 : operands.IndexOf(awaited);
        return new AwaitPoint(
            operands,
            (frame, values) => Expression.Call(
                frame,
                nameof(Coroutine.Begin),
                null,
                index < 0 ? Expression.Constant(null) : Expression.Convert(values[index], typeof(object)),
                Expression.Constant(site)),
            (frame, values) => End(call, site, index, frame, values));
    }

    private static Expression End(MethodCallExpression call, AwaitSite site, int awaited, ParameterExpression frame,
        IReadOnlyList<Expression> values)
    {
        int next = 0;
        Expression rebuilt = Rebuild(call, (leaf, _) =>
        {
            int index = next++;
            Expression value = index == awaited && site.Kind == AwaitKind.Task && leaf.Type == typeof(object)
                ? Expression.Convert(Expression.Property(frame, nameof(Coroutine.Awaited)), leaf.Type)
                : values[index];
            return index == Input && site.IsLast ? Expression.Call(frame, nameof(Coroutine.InputOf), null, value) : value;
        });
        Expression command = !site.IsLast ? rebuilt : Expression.Block(
            typeof(void),
            Expression.Call(frame, nameof(Coroutine.BeginCommand), null),
            rebuilt,
            Expression.Call(frame, nameof(Coroutine.EndCommand), null));
        return site.IsAlone
            ? Expression.IfThen(Expression.Not(Expression.Call(frame, nameof(Coroutine.TryFinish), null)), command)
            : command;
    }

    // Replaces the operands that are evaluated before the call, in order.
    private static MethodCallExpression Rebuild(MethodCallExpression call, Func<Expression, Ast?, Expression> replace)
        => call.Update(call.Object, call.Arguments.Select((argument, i) => i switch
        {
            Context => argument,
            Input => replace(argument, null),
            _ => Rebuild(argument, replace),
        }));

    private static Expression Rebuild(Expression node, Func<Expression, Ast?, Expression> replace) => node switch
    {
        ConstantExpression or DefaultExpression => node,
        NewArrayExpression array => array.Update(array.Expressions.Select(element => Rebuild(element, replace))),
        MethodCallExpression { Method.DeclaringType.Name: Argument, Object: null } argument => RebuildArgument(argument, replace),
        _ => replace(node, null),
    };

    // The value is the only argument of type object, and the last syntax node belongs to it.
    private static MethodCallExpression RebuildArgument(MethodCallExpression argument, Func<Expression, Ast?, Expression> replace)
    {
        Ast? syntax = argument.Arguments.OfType<ConstantExpression>().Select(static constant
            => constant.Value).OfType<Ast>().LastOrDefault();
        return argument.Update(null, argument.Method.GetParameters().Zip(
            argument.Arguments,
            (parameter, value) => parameter.ParameterType == typeof(object) ? replace(value, syntax) : value));
    }
}
