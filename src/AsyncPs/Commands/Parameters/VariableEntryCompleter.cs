namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the names of a session's own variables, each as the dictionary that gives it to a block.</summary>
public sealed class VariableEntryCompleter : VariableCompleter
{
    private static readonly HashSet<string> PowerShellVariables = new(StringComparer.OrdinalIgnoreCase)
    {
        "_", "args", "Error", "foreach", "input", "LASTEXITCODE", "Matches", "MyInvocation", "PROFILE", "PSBoundParameters", "PSCmdlet",
        "PSCommandPath", "PSItem", "PSScriptRoot", "PWD",
        "StackTrace", "switch", "this", "commandName", "parameterName", "wordToComplete", "commandAst", "fakeBoundParameters",
    };

    // PowerShell's own are of other types, described, constant, or in the list above. LocalVariable, which is not public, is a variable of
    // a scope that has been compiled.
    private protected override bool Fits(PSVariable variable)
        => variable.GetType().Name is nameof(PSVariable) or "LocalVariable"
            && variable.Options == ScopedItemOptions.None
            && string.IsNullOrEmpty(variable.Description)
                && variable.Name.All(static c => char.IsLetterOrDigit(c) || c == '_') && !PowerShellVariables.Contains(variable.Name);

    private protected override string TextOf(PSVariable variable) => $"@{{ {variable.Name} = ${variable.Name} }}";

    private protected override string? Describe(PSVariable variable) => ViewText.Of(variable.Value);
}
