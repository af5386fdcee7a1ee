using System.Globalization;

namespace AsyncPs.Bench;

/// <summary>Equivalent programs in Python. They are skipped, with a message, if no Python has the packages that they need.</summary>
internal static class PythonPeer
{
    // The packages of the system first: another Python in the path does not have them.
    private static readonly string[] Pythons = ["/usr/bin/python3", "python3"];

    /// <summary>Makes a contestant of a program that prints its measure.</summary>
    /// <param name="name">Who it is.</param>
    /// <param name="packages">What it imports.</param>
    /// <param name="arguments">Its file in the folder Peers, and its arguments.</param>
    /// <param name="bar">See <see cref="Contestant.Bar"/>.</param>
    public static Contestant Create(string name, string[] packages, Func<string[]> arguments, double? bar)
    {
        var python = new Lazy<string?>(() => Array.Find(
            Pythons,
            p => Programs.Runs(p, "-c", string.Concat(packages.Select(package => $"import {package};")))));
        return new Contestant(name, () =>
        {
            string[] given = arguments();
            given[0] = Path.Combine(SelfProcess.Folder, "Peers", given[0]);
            return double.Parse(Programs.Run(python.Value!, given), CultureInfo.InvariantCulture);
        })
        {
            Bar = bar,
            Missing = () => python.Value is null ? $"no Python here has {string.Join(" and ", packages)}" : null,
        };
    }
}
