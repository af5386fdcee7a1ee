using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the names of a session's own variables, each as the dictionary that gives it to a block.</summary>
public sealed class VariableEntryCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string start = wordToComplete.TrimStart('$');
        return
        [
            .. SessionNames.Variables()
                .Where(variable => IsOwn(variable) && variable.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                .OrderBy(static variable => variable.Name, StringComparer.OrdinalIgnoreCase)
                .Select(static variable => new CompletionResult(
                    $"@{{ {variable.Name} = ${variable.Name} }}", variable.Name, CompletionResultType.Variable, ViewText.Of(variable.Value) is { Length: > 0 } text ? text : variable.Name)),
        ];
    }

    // PowerShell's own are of other types, described, constant, or in the list below. LocalVariable, which is not public, is a variable of a scope that has been compiled.
    private static bool IsOwn(PSVariable variable)
        => variable.GetType().Name is nameof(PSVariable) or "LocalVariable" && variable.Options == ScopedItemOptions.None && string.IsNullOrEmpty(variable.Description)
            && variable.Name.All(static c => char.IsLetterOrDigit(c) || c == '_') && !PowerShellVariables.Contains(variable.Name);

    private static readonly HashSet<string> PowerShellVariables = new(StringComparer.OrdinalIgnoreCase)
    {
        "_", "args", "Error", "foreach", "input", "LASTEXITCODE", "Matches", "MyInvocation", "PROFILE", "PSBoundParameters", "PSCmdlet", "PSCommandPath", "PSItem", "PSScriptRoot", "PWD",
        "StackTrace", "switch", "this", "commandName", "parameterName", "wordToComplete", "commandAst", "fakeBoundParameters",
    };
}
