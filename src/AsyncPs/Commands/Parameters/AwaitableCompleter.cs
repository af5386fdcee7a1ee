using AsyncPs.Concurrency.Awaiting;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the variables of the session that hold tasks, asynchronous streams or jobs.</summary>
public sealed class AwaitableCompleter : VariableCompleter
{
    private protected override bool Fits(PSVariable variable)
        => PSObjectExtensions.Unwrap(variable.Value) is { } value && (value is Job || Awaitables.IsAwaitable(value, out _));

    private protected override string? Describe(PSVariable variable) => PSObjectExtensions.Unwrap(variable.Value)?.GetType().Name;
}
