using AsyncPs.Blocks;

namespace AsyncPs.Web.Binding;

/// <summary>The errors of the engine's binder that a request has caused.</summary>
internal static class BindingErrors
{
    /// <summary>Whether the arguments of the route's block could not be bound, as opposed to those of a command in the block.</summary>
    public static bool IsOne(ErrorRecord error)
        => error.Exception is ParameterBindingException binding && ScriptInvoker.IsNamed(binding.CommandInvocation);

    /// <summary>The error for the client.</summary>
    public static Problem ProblemOf(ErrorRecord error, AsyncRoute route)
    {
        var exception = (ParameterBindingException)error.Exception;
        RouteParameter? parameter =
            route.Parameter.FirstOrDefault(parameter => parameter.Name.Equals(exception.ParameterName, StringComparison.OrdinalIgnoreCase));
        string place = parameter?.Source switch
        {
            ParameterSource.Path => "path",
            ParameterSource.Header => "header",
            ParameterSource.Cookie => "cookie",
            ParameterSource.Query => "query",
            _ => "body",
        };
        return Problem.Unprocessable(
            new FieldFault(parameter?.Key ?? exception.ParameterName ?? "", place, IdOf(exception), DetailOf(exception)));
    }

    private static string IdOf(ParameterBindingException exception) => exception.ErrorId switch
    {
        "ParameterArgumentValidationError" or "ParameterArgumentValidationErrorNullNotAllowed"
            or "ParameterArgumentValidationErrorEmptyStringNotAllowed"
            or "ParameterArgumentValidationErrorEmptyArrayNotAllowed" or "ParameterArgumentValidationErrorEmptyCollectionNotAllowed"
                => "Invalid",
        "MissingMandatoryParameter" => "Missing",
        _ => "CannotConvert",
    };

    // What the parameter's type or attribute reports about the value, without the engine's text around it.
    private static string DetailOf(ParameterBindingException exception)
    {
        Exception cause = exception;
        while (cause.InnerException is { } inner
            and (ValidationMetadataException or ArgumentTransformationMetadataException
                or PSInvalidCastException or ParsingMetadataException))
        {
            cause = inner;
        }

        return cause.Message;
    }
}
