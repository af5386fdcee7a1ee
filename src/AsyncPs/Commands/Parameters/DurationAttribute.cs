namespace AsyncPs.Commands.Parameters;

/// <summary>
/// Lets a <see cref="TimeSpan"/> parameter be given as people write durations. A bare number means seconds, fractions included; units
/// are <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> and <c>d</c>, as in <c>500ms</c> or <c>1h30m</c>; <c>-1</c> and <c>Infinite</c> mean
/// <see cref="Timeout.InfiniteTimeSpan"/>. The engine's error names the parameter, the attribute's error the forms.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether an infinite duration is allowed. Default: true.</summary>
    public bool AllowInfinite { get; init; } = true;

    /// <summary>Whether zero is allowed. Default: true.</summary>
    public bool AllowZero { get; init; } = true;

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (!Duration.TryParse(inputData, out TimeSpan duration))
        {
            throw ParameterErrors.NotADuration(inputData, AllowInfinite);
        }

        bool infinite = duration == Timeout.InfiniteTimeSpan;
        if ((infinite && !AllowInfinite) || (!infinite && duration < TimeSpan.Zero) || (duration == TimeSpan.Zero && !AllowZero))
        {
            throw ParameterErrors.DurationTooShort(inputData, AllowInfinite, AllowZero);
        }

        return duration <= Duration.Longest ? duration : throw ParameterErrors.DurationTooLong(inputData, Duration.Longest);
    }
}
