using System.Management.Automation.Language;

namespace AsyncPs.Commands.Parameters;

/// <summary>Asks the interactive session for names, for completers.</summary>
internal static class SessionNames
{
    // Quotes of PowerShell, and of names in databases.
    private static readonly char[] Quotes = ['\'', '"', '`', '['];

    /// <summary>The output of a command as completions that start with the typed word, each once.</summary>
    /// <param name="command">The command.</param>
    /// <param name="parameters">Its parameters; `Name` is set to the word with a wildcard after it.</param>
    /// <param name="word">What was typed so far, perhaps in quotes.</param>
    public static IEnumerable<CompletionResult> Complete(string command, IReadOnlyDictionary<string, object> parameters, string word)
    {
        string start = word.Trim('\'', '"');
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand(command).AddParameter("Name", WildcardPattern.Escape(start) + "*").AddParameter("ErrorAction", "Ignore");
        foreach ((string name, object value) in parameters)
        {
            shell.AddParameter(name, value);
        }

        return
        [
            .. shell.Invoke()
                .Select(static o => (Name: (string)o.Properties["Name"].Value, Source: o.BaseObject))
                .DistinctBy(static c => c.Name, StringComparer.OrdinalIgnoreCase)
                .OrderBy(static c => Rank(c.Source))
                .ThenBy(static c => c.Name, StringComparer.OrdinalIgnoreCase)
                .Select(static c => new CompletionResult(
                    Quote(c.Name),
                    c.Name,
                    CompletionResultType.ParameterValue,
                    Describe(c.Name, c.Source))),
        ];
    }

    /// <summary>The variables of the session.</summary>
    public static IEnumerable<PSVariable> Variables()
    {
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddScript("$ExecutionContext.InvokeProvider.ChildItem.Get('variable:', $false)").Invoke<PSVariable>();
    }

    /// <summary>The words that start with the typed one, each once. Quotes at the start of a word need not be typed.</summary>
    public static IEnumerable<CompletionResult> Offer(IEnumerable<string> words, string typed)
    {
        string start = typed.Trim(Quotes);
        return words
            .Where(word => word.Length > 0 && word.TrimStart(Quotes).StartsWith(start, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.OrdinalIgnoreCase)
            .Select(static word => new CompletionResult(Quote(word), word, CompletionResultType.ParameterValue, word));
    }

    // Functions that people define come before `cd..` and the aliases.
    private static int Rank(object source) => source switch
    {
        AliasInfo => 2,
        FunctionInfo function
            when !char.IsLetter(function.Name[0]) || !function.Name.All(static c => char.IsLetterOrDigit(c) || c is '-' or '_') => 1,
        _ => 0,
    };

    private static string Quote(string name)
        => name.All(static c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.')
            ? name
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";

    private static string Describe(string name, object source) => source switch
    {
        AliasInfo alias => $"alias of {alias.Definition}",
        FunctionInfo { ModuleName.Length: > 0 } function => $"{name}, of {function.ModuleName}",
        PSModuleInfo module => $"{name} {module.Version}",
        _ => name,
    };
}
