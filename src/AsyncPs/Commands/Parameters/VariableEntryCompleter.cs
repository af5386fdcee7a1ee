namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the names of the session's own variables, each as a dictionary for -Variable.</summary>
public sealed class VariableEntryCompleter : VariableCompleter
{
    private static readonly HashSet<string> PowerShellVariables = new(StringComparer.OrdinalIgnoreCase)
    {
        "_", "args", "Error", "foreach", "input", "LASTEXITCODE", "Matches", "MyInvocation", "PROFILE", "PSBoundParameters", "PSCmdlet",
        "PSCommandPath", "PSItem", "PSScriptRoot", "PWD",
        "StackTrace", "switch", "this", "commandName", "parameterName", "wordToComplete", "commandAst", "fakeBoundParameters",
    };

    // PowerShell's own variables have other types, a description, are constant, or are in the list above. The internal type
    // LocalVariable is a variable of a compiled scope.
    private protected override bool Fits(PSVariable variable)
        => variable.GetType().Name is nameof(PSVariable) or "LocalVariable"
            && variable.Options == ScopedItemOptions.None
            && string.IsNullOrEmpty(variable.Description)
                && variable.Name.All(static c => char.IsLetterOrDigit(c) || c == '_') && !PowerShellVariables.Contains(variable.Name);

    private protected override string TextOf(PSVariable variable) => $"@{{ {variable.Name} = ${variable.Name} }}";

    private protected override string? Describe(PSVariable variable) => ViewText.Of(variable.Value);
}
