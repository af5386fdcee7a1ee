using System.Management.Automation.Runspaces;

namespace AsyncPs.Shell;

/// <summary>Turns the words after a script's name into its arguments, as <c>pwsh -File</c> does: strings, named parameters and switches.</summary>
internal static class ScriptArguments
{
    internal static IEnumerable<CommandParameter> Bind(IReadOnlyList<string> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            int colon = word.IndexOf(':', StringComparison.Ordinal);
            yield return word switch
            {
                _ when word.Length < 2 || word[0] != '-' => new CommandParameter(null, word),
                // The binder gives a bare name the word that follows it, unless it names a switch.
                _ when colon < 0 => new CommandParameter(word),
                _ when colon < word.Length - 1 => new CommandParameter(word[..colon], SwitchValue(word[(colon + 1)..])),
                _ when i + 1 < words.Count => new CommandParameter(word[..colon], words[++i]),
                _ => new CommandParameter(word[..colon]),
            };
        }
    }

    /// <summary>A switch does not bind a string, so <c>-Name:true</c> and <c>-Name:$false</c> become Booleans.</summary>
    private static object SwitchValue(string text) =>
        bool.TryParse(text.StartsWith('$') ? text.AsSpan(1) : text, out bool value) ? value : text;
}
