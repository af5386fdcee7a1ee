using System.Management.Automation.Language;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Blocks.Capture;

/// <summary>The errors of capturing the caller's session for blocks.</summary>
internal static class CaptureErrors
{
    /// <summary>An object of a class whose methods run in the caller's session: a warning.</summary>
    public static string ClassHasAffinity(Type type, string method)
        => $"The method '{method}' of the class '{type.Name}', which the block calls, runs in the session that has made the object: "
            + "for one item at a time, and it hangs where it calls another method. Put [NoRunspaceAffinity()] before the class.";

    /// <summary>A key of -Variable that cannot be the name of a variable.</summary>
    public static Exception VariableNameNotValid(object? name)
        => new ConcurrentArgumentException(Create(
            $"-Variable cannot set {Quote(name)}: a name must be a text without wildcards, and not that of an automatic variable. "
                + $"Give names and values, as in -Variable @{{ name = 'value' }}.",
            "VariableNameNotValid",
            ErrorCategory.InvalidArgument,
            name));

    /// <summary>A name of -Function that the caller does not have.</summary>
    public static Exception FunctionNotFound(string name)
        => new ConcurrentArgumentException(Create(
            $"-Function cannot carry '{name}': the calling session has no function, filter or alias of that name. "
                + "Define it before the call, or name its module with -Module.",
            "FunctionNotFound",
            ErrorCategory.ObjectNotFound,
            name));

    /// <summary>A name of -Module that matches no module.</summary>
    public static Exception ModuleNotFound(string name)
        => new ConcurrentArgumentException(Create(
            $"-Module cannot find '{name}': it is neither imported, nor in a folder of $env:PSModulePath, "
                + "nor a path from the current location. Give the name of an installed module, or the path of a .psd1, "
                + ".psm1 or .dll file or of the module's folder.",
            "ModuleNotFound",
            ErrorCategory.ObjectNotFound,
            name));

    /// <summary>The id of <see cref="ModuleNotImported"/>.</summary>
    public const string ModuleNotImportedId = "ModuleNotImported";

    /// <summary>A worker could not import a module of the caller.</summary>
    public static Exception ModuleNotImported(string name, string path, ErrorRecord? cause)
    {
        string message =
            $"A worker could not import the module '{name}' from '{path}', which the block uses: "
                + $"{cause?.ToString() ?? "nothing was imported"} "
                + "Make it one that can be imported in another session, or pass -NoCapture and import it in the block.";
        InvalidOperationException exception = new(message, cause?.Exception);
        return new RuntimeException(
            message,
            exception,
            new ErrorRecord(exception, ModuleNotImportedId, ErrorCategory.ResourceUnavailable, path));
    }

    /// <summary>Script blocks in an object that no view is possible of: a warning.</summary>
    public static string BlocksStay(string holder)
        => $"{holder} holds script blocks. They belong to your session, and a worker that calls one runs it there, beside whatever "
            + "else runs. Keep script blocks that workers are to call in variables, or in hashtables or arrays in variables.";

    /// <summary>The import of a module in a worker wrote an error and continued.</summary>
    public static string ImportWroteError(string name, ErrorRecord error)
        => $"The module '{name}' was imported in a worker, but its import wrote an error: {error}{PositionOf(error)}";

    /// <summary>The caller's current location does not exist, or not for its workers.</summary>
    public static Exception LocationNotAvailable(string location, string reason)
        => new ConcurrentArgumentException(Create(
            $"A block runs in the caller's current location, and workers cannot go to '{location}': "
                + $"{reason} Go to another location with Set-Location before the call.",
            "LocationNotAvailable",
            ErrorCategory.ObjectNotFound,
            location));

    private static string PositionOf(ErrorRecord error)
        => error.InvocationInfo is { ScriptName.Length: > 0 } where ? $" ({where.ScriptName}:{where.ScriptLineNumber})" : "";

    /// <summary>A `$using:` variable that the caller does not have.</summary>
    public static Exception UsingVariableNotSet(UsingExpressionAst expression)
        => new ConcurrentArgumentException(Create(
            $"{expression.Extent.Text} cannot be read: the variable is not set where the block is given to the command. "
                + "Set it before the call, or remove it from the block.",
            "UsingVariableNotSet",
            ErrorCategory.InvalidArgument,
            expression.Extent.Text));
}
