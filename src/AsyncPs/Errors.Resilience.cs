namespace AsyncPs;

internal static partial class Errors
{
    /// <summary>A name that no type has.</summary>
    public static Exception NotAnExceptionTypeName(string parameter, object? value)
        => new ConcurrentArgumentException(Create(
            value is string name
                ? $"-{parameter}: there is no exception type named '{name}'. Correct the name, or load the module or assembly that brings the type; full and short names both work."
                : $"-{parameter} takes exception types, names of them, or one script block that is given the error as $_; '{value}' is none of these.",
            "NotAnExceptionTypeName",
            ErrorCategory.InvalidArgument,
            value));

    /// <summary>A type that is not thrown.</summary>
    public static Exception NotAnExceptionType(string parameter, Type type)
        => new ConcurrentArgumentException(Create(
            $"-{parameter}: {type.FullName} is not an exception type, so no error is ever of it. Name the type of exception, for example System.IO.IOException.",
            "NotAnExceptionType",
            ErrorCategory.InvalidArgument,
            type));

    /// <summary>More than one filter block.</summary>
    public static Exception SeveralRetryFilters(string parameter, ScriptBlock second)
        => new ConcurrentArgumentException(Create(
            $"-{parameter} takes one script block. Join the conditions in one block with -or.",
            "SeveralRetryFilters",
            ErrorCategory.InvalidArgument,
            second));
}
