using AsyncPs.Throttling;

namespace AsyncPs.Commands.Parameters;

/// <summary>Explains what to do when a number is given as a throttle.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ThrottleTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
        => PSObjectExtensions.Unwrap(inputData) is null or Throttle ? inputData : throw ParameterErrors.NotAThrottle(inputData);
}
