using static AsyncPs.ErrorRecords;

namespace AsyncPs.Commands.Parameters;

/// <summary>The errors of parameters that several cmdlets have.</summary>
internal static class ParameterErrors
{
    private const string DurationForms =
        "Give seconds as a number (30, 0.5), a number with a unit (500ms, 30s, 2m, 1h, 1d, 1h30m) or a TimeSpan";

    /// <summary>A value that is not a duration.</summary>
    public static Exception NotADuration(object? value, bool allowInfinite)
        => new ArgumentTransformationMetadataException($"{Quote(value)} is not a duration. {Forms(allowInfinite)}.");

    /// <summary>A negative duration, or one that is not allowed here.</summary>
    public static Exception DurationTooShort(object? value, bool allowInfinite, bool allowZero)
        => new ArgumentTransformationMetadataException(
            $"{Quote(value)} is not allowed: the duration must {(allowZero ? "not be negative" : "be longer than zero")}. "
                + $"{Forms(allowInfinite)}.");

    /// <summary>A duration that is too long for a timer.</summary>
    public static Exception DurationTooLong(object? value, TimeSpan longest)
        => new ArgumentTransformationMetadataException(
            $"{Quote(value)} is longer than {longest.TotalDays} days, the longest possible time. Use a shorter duration.");

    /// <summary>A value that is not a throttle, such as a number.</summary>
    public static Exception NotAThrottle(object? value)
        => new ArgumentTransformationMetadataException(
            $"{Quote(value)} is not a throttle. Make one with New-Throttle, which several calls can share; "
                + "-ThrottleLimit takes a number and limits one call.");

    /// <summary>A positional time-out before pipeline input, which is bound as the input.</summary>
    public static ErrorRecord TimeoutTakenAsInput(object value)
        => Create(
            $"{Quote(value)} was taken as -InputObject, the first argument. With works from the pipeline, name the time-out: "
                + $"$job | Wait-WithTimeout -Timeout {value}.",
            "TimeoutTakenAsInput",
            ErrorCategory.InvalidArgument,
            value);

    /// <summary>A value that is not an HTTP version.</summary>
    public static Exception NotAnHttpVersion(object? value)
        => new ArgumentTransformationMetadataException($"{Quote(value)} is not a version of HTTP. Use 1.0, 1.1, 2 or 3.");

    /// <summary>A variable's value, or something else, where its name is asked for.</summary>
    public static ErrorRecord NotAVariableName(string parameter, string value)
        => Create(
            $"-{parameter} takes the name of a variable, without $; {Quote(value)} is not one. "
                + $"Write -{parameter} name, then look at $name.",
            "VariableNameInvalid",
            ErrorCategory.InvalidArgument,
            value);

    private static string Forms(bool allowInfinite) => allowInfinite ? DurationForms + ", or Infinite" : DurationForms;

    /// <summary>Neither a block nor a URI was given.</summary>
    public static ErrorRecord NothingToRun()
        => Create(
            "There is nothing to run: pass a script block, or -Uri, or pipe in URIs or objects with a property Uri.",
            "NothingToRun",
            ErrorCategory.InvalidArgument,
            null);

    /// <summary>A parameter that has no effect without another one.</summary>
    public static ErrorRecord NeedsParameter(string parameter, string needed)
        => Create(
            $"-{parameter} has no effect without -{needed}. Add -{needed}, or leave -{parameter} out.",
            "ParameterNeedsAnother",
            ErrorCategory.InvalidArgument,
            parameter);

    /// <summary>Several blocks and pipeline input.</summary>
    public static ErrorRecord SeveralBlocksWithInput(object blocks)
        => Create(
            "-ScriptBlock takes one block when there is pipeline input. Pass one block, or leave the input out to run each block once.",
            "SeveralBlocksWithInput",
            ErrorCategory.InvalidArgument,
            blocks);

    /// <summary>One job for several blocks.</summary>
    public static ErrorRecord AsJobWithSeveralBlocks(object blocks)
        => Create(
            "-AsJob makes one job for all input objects of one block. Pass one block, or leave -AsJob out to start a job for each block.",
            "AsJobWithSeveralBlocks",
            ErrorCategory.InvalidArgument,
            blocks);

    /// <summary>A block, or another first argument, beside -Uri or another parameter of requests.</summary>
    public static ErrorRecord BlockWithUri(string parameter, object? first)
        => Create(
            $"-{parameter} is for requests, which run no block. Leave out the block, or leave out -{parameter}. To make the URI from "
                + "each input object, give the block to -Uri: 1..3 | Invoke-Concurrent -Uri { \"https://...$_\" }.",
            "BlockWithUri",
            ErrorCategory.InvalidArgument,
            first);
}
