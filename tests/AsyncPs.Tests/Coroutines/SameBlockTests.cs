using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Coroutines;

/// <summary>A block that is suspended at its awaits does the same as one that waits there, which is the reference.</summary>
[Collection(nameof(SerialTests))]
public sealed class SameBlockTests : IDisposable
{
    private static readonly Dictionary<string, string> Blocks = Read();

    // These have an await outside the body of the block itself, or use the pipeline.
    private static readonly HashSet<string> Uncut =
    [
        "await in function blocks", "await in ForEach-Object", "await in scriptblock", "begin process end", "splat", "function and closure",
        "function deep", "function errors", "recursion", "args and scope", "in pipe falls back",
    ];

    private readonly BlockRun _run = new();

    public static TheoryData<string> Names { get; } = [.. Blocks.Keys];

    public void Dispose() => _run.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_block_that_suspends_writes_what_one_that_waits_does(string name)
    {
        string[] expected = await _run.RunAsync(Blocks[name], cut: false);
        string[] actual = await _run.RunAsync(Blocks[name], cut: true);

        Assert.Equal(expected, actual);
        Assert.Equal(Uncut.Contains(name), _run.Obstacle is not null);
    }

    [Fact]
    public async Task Blocks_that_suspend_side_by_side_do_not_see_each_other()
    {
        // The exit code belongs to the session, in which other items run meanwhile. They have another culture.
        string[] blocks = [.. Blocks.Where(static block => !Uncut.Contains(block.Key)).Select(static block => block.Value)];
        string[][] expected = await _run.RunSideBySideAsync(blocks, 1, cut: false);
        string[][] actual = await _run.RunSideBySideAsync(blocks, 20, cut: true);

        Assert.Null(_run.Obstacle);
        Assert.Equal(blocks.Length, expected.Length);
        Assert.Equal(blocks.Length * 20, actual.Length);
        Assert.Multiple([.. actual.Select((one, i) => (Action)(() => Assert.Equal(expected[i % blocks.Length], one)))]);
    }

    private static Dictionary<string, string> Read()
    {
        string path = Path.Combine(Repository.Root, "tests", "AsyncPs.Tests", "Coroutines", "blocks.txt");
        return File.ReadAllText(path).ReplaceLineEndings("\n").Split("#### ", StringSplitOptions.RemoveEmptyEntries)
            .Select(static part => part.Split('\n', 2))
            .ToDictionary(static part => part[0].Trim(), static part => part[1].TrimEnd());
    }
}
