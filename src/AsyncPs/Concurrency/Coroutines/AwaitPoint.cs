using System.Linq.Expressions;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>A point where code waits. The code can return there, and continue there when it is called again.</summary>
/// <param name="Operands">The operands, which are evaluated first and in order.</param>
/// <param name="Begin">Makes the code that begins the wait from the frame and the operands.</param>
/// <param name="End">Makes the code that ends the wait from the frame and the operands; its value is the value of the await.</param>
internal sealed record AwaitPoint(
    IReadOnlyList<Expression> Operands,
    Func<ParameterExpression, IReadOnlyList<Expression>, Expression> Begin,
    Func<ParameterExpression, IReadOnlyList<Expression>, Expression> End);
