using System.Management.Automation.Runspaces;

namespace AsyncPs.Blocks.Capture;

/// <summary>The aliases of a new session.</summary>
internal static class DefaultAliases
{
    private static readonly Lazy<Dictionary<string, string>> Known = new(static () =>
        InitialSessionState.CreateDefault2().Commands.OfType<SessionStateAliasEntry>()
            .DistinctBy(static alias => alias.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static alias => alias.Name, static alias => alias.Definition, StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether an alias is one of them, with the same meaning.</summary>
    public static bool Has(AliasInfo alias)
        => Known.Value.TryGetValue(alias.Name, out string? definition)
            && string.Equals(definition, alias.Definition, StringComparison.OrdinalIgnoreCase);
}
