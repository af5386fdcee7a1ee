using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the variables of the session that hold an object of a type: queues where a queue is asked for.</summary>
/// <typeparam name="T">The type.</typeparam>
public sealed class VariableCompleter<T> : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        string start = wordToComplete.TrimStart('$');
        return
        [
            .. shell.AddScript("$ExecutionContext.InvokeProvider.ChildItem.Get('variable:', $false)").Invoke<PSVariable>()
                .Where(variable => Wrapping.Unwrap(variable.Value) is T && variable.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                .OrderBy(static variable => variable.Name, StringComparer.OrdinalIgnoreCase)
                .Select(static variable => new CompletionResult("$" + variable.Name, variable.Name, CompletionResultType.Variable, variable.Value.ToString() ?? variable.Name)),
        ];
    }
}
