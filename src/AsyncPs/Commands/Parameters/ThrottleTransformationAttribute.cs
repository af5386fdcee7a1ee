using AsyncPs.Throttling;

namespace AsyncPs.Commands.Parameters;

/// <summary>Says what to do where a number is given as a throttle.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ThrottleTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
        => PSObjectExtensions.Unwrap(inputData) is null or Throttle ? inputData : throw ParameterErrors.NotAThrottle(inputData);
}
