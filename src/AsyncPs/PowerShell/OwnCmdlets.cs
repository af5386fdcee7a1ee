using System.Reflection;

namespace AsyncPs;

/// <summary>The cmdlets of this module, with the aliases that they ship with.</summary>
internal static class OwnCmdlets
{
    private static readonly Lazy<OwnCmdlet[]> Found = new(static () => [.. Find()]);

    private static readonly Lazy<Dictionary<string, string>> ByAlias = new(static () => Found.Value
        .SelectMany(static cmdlet => cmdlet.Aliases.Select(alias => (alias, cmdlet.Name)))
        .ToDictionary(static entry => entry.alias, static entry => entry.Name, StringComparer.OrdinalIgnoreCase));

    /// <summary>All of them, those for workers alone included.</summary>
    public static IReadOnlyList<OwnCmdlet> All => Found.Value;

    /// <summary>The cmdlet's name for one of its aliases; any other name as it is.</summary>
    public static string NameOf(string command) => ByAlias.Value.GetValueOrDefault(command, command);

    private static IEnumerable<OwnCmdlet> Find()
    {
        foreach (Type type in typeof(OwnCmdlets).Assembly.GetTypes())
        {
            if (type.IsSubclassOf(typeof(Cmdlet)) && type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet)
            {
                string[] aliases = [.. type.GetCustomAttributes<AliasAttribute>().SelectMany(static given => given.AliasNames)];
                yield return new OwnCmdlet($"{cmdlet.VerbName}-{cmdlet.NounName}", type, aliases);
            }
        }
    }
}

/// <summary>A cmdlet of this module.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its class.</param>
/// <param name="Aliases">Its aliases.</param>
internal sealed record OwnCmdlet(string Name, Type Type, IReadOnlyList<string> Aliases);
