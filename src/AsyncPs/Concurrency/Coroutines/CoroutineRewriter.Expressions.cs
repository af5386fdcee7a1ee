using System.Linq.Expressions;

namespace AsyncPs.Concurrency.Coroutines;

/// <content>Turns expressions that contain an await into statements that leave the value in a variable.</content>
internal sealed partial class CoroutineRewriter
{
    // With this node the engine compiles a loop on its own while it interprets the rest; a coroutine cannot be entered there.
    private const string LoopMarker = "EnterLoopExpression";

    private Expression Lower(Expression expression, ParameterExpression? target)
    {
        if (!_awaits.IsIn(expression))
        {
            return Set(target, expression);
        }

        if (_awaits.PointAt(expression) is { } point)
        {
            return Await(point, target);
        }

        return expression switch
        {
            BlockExpression block => LowerBlock(block, target),
            ConditionalExpression condition => LowerCondition(condition, target),
            TryExpression guarded => LowerTry(guarded, target),
            SwitchExpression choice => LowerSwitch(choice, target),
            LoopExpression loop when loop.Type == typeof(void)
                => Expression.Loop(Lower(loop.Body, null), loop.BreakLabel, loop.ContinueLabel),
            GotoExpression jump => LowerJump(jump),
            BinaryExpression { NodeType: ExpressionType.Assign } assignment => LowerAssignment(assignment, target),
            BinaryExpression { NodeType: ExpressionType.AndAlso or ExpressionType.OrElse,
                Method: null } logic when logic.Type == typeof(bool)
                => LowerLogic(logic, target),
            BinaryExpression { NodeType: ExpressionType.Coalesce or ExpressionType.AndAlso or ExpressionType.OrElse }
                => throw new NotSuspendableException($"has an operator with an await in it ({expression.NodeType})"),
            UnaryExpression unary => LowerUnary(unary, target),
            MethodCallExpression call => LowerCall(call, target),
            BinaryExpression binary => LowerOperands([binary.Left, binary.Right], v => binary.Update(v[0], binary.Conversion, v[1]),
                target),
            NewExpression made => LowerOperands(made.Arguments, v => made.Update(v), target),
            NewArrayExpression array => LowerOperands(array.Expressions, v => array.Update(v), target),
            DynamicExpression dynamic => LowerOperands(dynamic.Arguments, v => dynamic.Update(v), target),
            MemberExpression member => LowerOperands([member.Expression!], v => member.Update(v[0]), target),
            IndexExpression index => LowerOperands([index.Object!, .. index.Arguments], v => index.Update(v[0], v[1..]), target),
            TypeBinaryExpression test => LowerOperands([test.Expression], v => test.Update(v[0]), target),
            InvocationExpression invocation
                => LowerOperands([invocation.Expression, .. invocation.Arguments], v => invocation.Update(v[0], v[1..]), target),
            { CanReduce: true } => Lower(expression.Reduce(), target),
            _ => throw new NotSuspendableException($"has an expression with an await in it that is not known ({expression.NodeType})"),
        };
    }

    // Evaluates operands in order. Those up to the last await go into variables, because later code might change what they read.
    private Expression[] Spill(IReadOnlyList<Expression?> operands, List<Expression> statements, bool all = false)
    {
        int last = all ? operands.Count : operands.ToList().FindLastIndex(_awaits.IsIn);
        var values = new Expression[operands.Count];
        for (int i = 0; i < values.Length; i++)
        {
            Expression? operand = operands[i];
            if (operand is null or ConstantExpression or DefaultExpression || i > last || IsConstant(operand))
            {
                values[i] = operand!;
                continue;
            }

            ParameterExpression variable = NewKept(operand.Type);
            statements.Add(Lower(operand, variable));
            values[i] = variable;
        }

        return values;
    }

    private bool IsConstant(Expression operand) => operand is ParameterExpression parameter && _constant.Contains(parameter);

    private BlockExpression LowerOperands(IReadOnlyList<Expression> operands, Func<Expression[], Expression> rebuild,
        ParameterExpression? target)
    {
        List<Expression> statements = [];
        Expression[] values = Spill(operands, statements);
        statements.Add(Set(target, rebuild(values)));
        return Statements(statements);
    }

    private BlockExpression LowerBlock(BlockExpression block, ParameterExpression? target)
    {
        Keep(block.Variables);
        List<Expression> statements = [];
        foreach (Expression statement in block.Expressions.SkipLast(1))
        {
            if (statement.GetType().Name != LoopMarker)
            {
                statements.Add(Lower(statement, null));
            }
        }

        statements.Add(Lower(block.Expressions[^1], block.Type == typeof(void) ? null : target));
        return Statements(statements);
    }

    private BlockExpression LowerCondition(ConditionalExpression condition, ParameterExpression? target)
    {
        List<Expression> statements = [];
        Expression test = Spill([condition.Test], statements)[0];
        statements.Add(Expression.IfThenElse(
            test,
            Statements([Lower(condition.IfTrue, target)]),
            Statements([Lower(condition.IfFalse, target)])));
        return Statements(statements);
    }

    private BlockExpression LowerSwitch(SwitchExpression choice, ParameterExpression? target)
    {
        List<Expression> statements = [];
        Expression value = Spill([choice.SwitchValue], statements)[0];
        statements.Add(Expression.Switch(
            typeof(void),
            value,
            choice.DefaultBody is null ? null : Statements([Lower(choice.DefaultBody, target)]),
            choice.Comparison,
            choice.Cases.Select(one => Expression.SwitchCase(Statements([Lower(one.Body, target)]), one.TestValues))));
        return Statements(statements);
    }

    private BlockExpression LowerJump(GotoExpression jump)
    {
        List<Expression> statements = [];
        Expression? value = jump.Value;
        if (value?.Type == typeof(void))
        {
            statements.Add(Lower(value, null));
            value = null;
        }
        else if (value is not null)
        {
            value = Spill([value], statements)[0];
        }

        statements.Add(Expression.MakeGoto(jump.Kind, jump.Target, value, jump.Type));
        return Statements(statements);
    }

    private BlockExpression LowerAssignment(BinaryExpression assignment, ParameterExpression? target)
    {
        switch (assignment.Left)
        {
            case MemberExpression member:
                return LowerOperands([member.Expression!, assignment.Right], v => Expression.Assign(member.Update(v[0]), v[1]), target);
            case IndexExpression index:
                return LowerOperands(
                    [index.Object!, .. index.Arguments, assignment.Right],
                    v => Expression.Assign(index.Update(v[0], v[1..^1]), v[^1]),
                    target);
            case ParameterExpression variable:
                List<Expression> statements = [];
                statements.Add(Expression.Assign(variable, Spill([assignment.Right], statements)[0]));
                if (target is not null)
                {
                    statements.Add(Set(target, variable));
                }

                return Statements(statements);
            default:
                throw new NotSuspendableException($"has an assignment of an await's result that is not known ({assignment.Left.NodeType})");
        }
    }

    private BlockExpression LowerLogic(BinaryExpression logic, ParameterExpression? target)
    {
        ParameterExpression value = NewKept(typeof(bool));
        return Statements(
        [
            Lower(logic.Left, value),
            Expression.IfThen(
                logic.NodeType == ExpressionType.AndAlso ? value : Expression.Not(value),
                Statements([Lower(logic.Right, value)])),
            Set(target, value),
        ]);
    }

    private Expression LowerUnary(UnaryExpression unary, ParameterExpression? target)
    {
        // A conversion to void drops the value.
        Expression operand = unary.Operand;
        return unary.NodeType == ExpressionType.Convert && unary.Type == typeof(void)
            ? Lower(operand, null)
            : LowerOperands([operand], v => unary.Update(v[0]), target);
    }

    private BlockExpression LowerCall(MethodCallExpression call, ParameterExpression? target)
        => call.Method.GetParameters().Any(static parameter => parameter.ParameterType.IsByRef)
            ? throw new NotSuspendableException("hands an await's result on by reference")
            : LowerOperands([call.Object!, .. call.Arguments], v => call.Update(v[0], v[1..]), target);
}
