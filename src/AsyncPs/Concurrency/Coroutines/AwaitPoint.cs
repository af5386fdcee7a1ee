using System.Linq.Expressions;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>Code that waits: it can be left in its middle, and called again to go on there.</summary>
/// <param name="Operands">What is evaluated first, in order.</param>
/// <param name="Begin">Makes the code that begins the wait, of the frame and the operands.</param>
/// <param name="End">Makes the code that ends it, of the frame and the operands; its value is that of the whole.</param>
internal sealed record AwaitPoint(
    IReadOnlyList<Expression> Operands,
    Func<ParameterExpression, IReadOnlyList<Expression>, Expression> Begin,
    Func<ParameterExpression, IReadOnlyList<Expression>, Expression> End);
