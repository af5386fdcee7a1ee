using System.Globalization;

namespace AsyncPs.Bench;

/// <summary>The command line.</summary>
internal sealed record Options(int Rounds, string? Filter, bool List, bool Write, bool Each, bool Growth)
{
    public static Options Parse(string[] args)
    {
        var options = new Options(Rounds: 7, Filter: null, List: false, Write: false, Each: false, Growth: false);
        for (int i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--rounds" => options with { Rounds = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--filter" => options with { Filter = args[++i] },
                "--write" => options with { Write = true },
                "--growth" => options with { Growth = true },
                "--each" => options with { Each = true },
                "--list" => options with { List = true },
                _ => throw new ArgumentException(
                    $"Unknown option '{args[i]}'. Known: --rounds N, --filter TEXT, --each, --growth, --list, --write."),
            };
        }

        return options;
    }

    public bool Matches(string name) => Filter is null || name.Contains(Filter, StringComparison.OrdinalIgnoreCase);
}
