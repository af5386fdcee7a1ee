using System.Globalization;

namespace AsyncPs.Tests.Support;

/// <summary>
/// How long stress tests are: a few seconds, or with the variable ASYNCPS_STRESS, the number of rounds, as long as you like.
/// </summary>
public static class Stress
{
    private const int Short = 2;

    /// <summary>The number of rounds.</summary>
    public static int Rounds { get; } = int.Parse(
        Environment.GetEnvironmentVariable("ASYNCPS_STRESS") ?? "2",
        CultureInfo.InvariantCulture);

    /// <summary>Whether it was asked for more than the normal run.</summary>
    public static bool IsLong => Rounds > Short;

    /// <summary>So many repetitions in a normal run, and in proportion with more rounds.</summary>
    public static int Times(int inNormalRun) => inNormalRun * Rounds / Short;
}
