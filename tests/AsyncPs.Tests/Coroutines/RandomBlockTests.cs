using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Coroutines;

/// <summary>
/// Random blocks do the same as coroutines, side by side, as when they wait in their workers. ASYNCPS_STRESS=100 runs some ten thousand.
/// </summary>
[Collection(nameof(SerialTests))]
public sealed class RandomBlockTests : IDisposable
{
    private const int InABatch = 50;

    private readonly BlockRun _run = new();

    public static TheoryData<int> Batches { get; } = [.. Enumerable.Range(0, Stress.Times(4))];

    public void Dispose() => _run.Dispose();

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task A_block_that_suspends_writes_what_one_that_waits_does(int batch)
    {
        string[] blocks = [.. Enumerable.Range(batch * InABatch, InABatch).Select(RandomBlock.Make)];

        string[][] expected = await _run.RunSideBySideAsync(blocks, 1, cut: false);
        string[][] actual = await _run.RunSideBySideAsync(blocks, 2, cut: true);

        Assert.Null(_run.Obstacle);
        Assert.Equal(blocks.Length, expected.Length);
        Assert.Multiple([.. actual.Select((one, i) => (Action)(() =>
            Assert.True(expected[i % InABatch].SequenceEqual(one), Difference(batch * InABatch + (i % InABatch), expected[i % InABatch],
                one))))]);
    }

    private static string Difference(int seed, string[] expected, string[] actual)
        => $"seed {seed}:\n{RandomBlock.Make(seed)}\nexpected:\n{string.Join('\n', expected)}\nactual:\n{string.Join('\n', actual)}";
}
