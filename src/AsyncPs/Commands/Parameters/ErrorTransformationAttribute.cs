using AsyncPs.Resilience;

namespace AsyncPs.Commands.Parameters;

/// <summary>Lets an exception be given in the forms that a script has: an exception, an error record as in `$_`, or a message.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ErrorTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
        => PSObjectExtensions.Unwrap(inputData) switch
        {
            ErrorRecord record => ErrorCauses.ExceptionOf(record),
            string message => new RuntimeException(message),
            var other => other,
        };
}
