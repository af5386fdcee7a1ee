namespace AsyncPs;

/// <summary>The errors of parameters that several cmdlets have. The engine adds the parameter's name to each.</summary>
internal static partial class Errors
{
    private const string DurationForms = "Give seconds as a number (30, 0.5), a number with a unit (500ms, 30s, 2m, 1h, 1d, 1h30m) or a TimeSpan";

    /// <summary>Not a duration at all.</summary>
    public static Exception NotADuration(object? value, bool allowInfinite)
        => new ArgumentTransformationMetadataException($"{Quote(value)} is not a duration. {Forms(allowInfinite)}.");

    /// <summary>A negative duration, or one that is not allowed here.</summary>
    public static Exception DurationTooShort(object? value, bool allowInfinite, bool allowZero)
        => new ArgumentTransformationMetadataException(
            $"{Quote(value)} is not allowed: the duration must {(allowZero ? "not be negative" : "be longer than zero")}. {Forms(allowInfinite)}.");

    /// <summary>A duration that no timer takes.</summary>
    public static Exception DurationTooLong(object? value, TimeSpan longest)
        => new ArgumentTransformationMetadataException($"{Quote(value)} is longer than {longest.TotalDays} days, the longest there is. Give a shorter duration.");

    /// <summary>Not a version of HTTP.</summary>
    public static Exception NotAnHttpVersion(object? value)
        => new ArgumentTransformationMetadataException($"{Quote(value)} is not a version of HTTP. Give 1.0, 1.1, 2 or 3.");

    private static string Forms(bool allowInfinite) => allowInfinite ? DurationForms + ", or Infinite" : DurationForms;

    private static string Quote(object? value) => value is null ? "$null" : $"'{value}'";
}
