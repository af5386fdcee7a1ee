using AsyncPs.Concurrency.Measuring;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the names of variables that hold statistics already.</summary>
public sealed class VariableNameCompleter : VariableCompleter
{
    /// <summary>Whether a text is the name of a variable, perhaps with a scope.</summary>
    internal static bool IsName(string text)
    {
        int scope = text.IndexOf(':', StringComparison.Ordinal);
        string name = text[(scope + 1)..];
        return name.Length > 0 && name.All(static c => char.IsLetterOrDigit(c) || c == '_')
            && (scope < 0 || text[..scope].ToUpperInvariant() is "GLOBAL" or "SCRIPT" or "LOCAL" or "PRIVATE");
    }

    private protected override bool Fits(PSVariable variable) => PSObjectExtensions.Unwrap(variable.Value) is ConcurrentStatistics;

    private protected override string TextOf(PSVariable variable) => variable.Name;
}
