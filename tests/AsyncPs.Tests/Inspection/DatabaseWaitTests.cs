using AsyncPs.Concurrency.Waits;
using AsyncPs.Inspection;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Inspection;

/// <summary>What queries wait for.</summary>
public sealed class DatabaseWaitTests : DataTest
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private readonly string _mark = $"mark_{Guid.NewGuid():N}";

    [Fact]
    public async Task A_query_waits_for_the_database_and_the_next_for_its_connection()
    {
        ScriptRun run = Session.Start($$"""
            $db = Connect-AsyncDatabase -Sqlite :memory: -PoolSize 1
            $numbers = 'with recursive r(i) as (select 1 union all select i + 1 from r)'
            1..2 | Invoke-ConcurrentQuery $db "$numbers select count(*) as {{_mark}} from r where i > @x" -ThrottleLimit 2
            """);

        ConcurrentItemInfo[] items = [];
        await Condition.UntilAsync(
            () => (items = [.. Items().OrderBy(static item => item.WaitsFor?.Kind)])
                is [{ WaitsFor.Kind: WaitKind.Connection }, { WaitsFor.Kind: WaitKind.Query }],
            "one runs, and one waits for its connection",
            WaitLimit);
        await run.StopAsync();

        Assert.StartsWith("a connection of ", items[0].WaitsFor!.Description, StringComparison.Ordinal);
        Assert.EndsWith("(all 1 in use)", items[0].WaitsFor!.Description, StringComparison.Ordinal);
        Assert.Equal([items[1].ToString()], items[0].WaitsFor!.HeldBy);
        Assert.Equal("the database", items[1].WaitsFor!.ToString());
        Assert.All(items, item => Assert.Contains(_mark, item.Runs, StringComparison.Ordinal));
        Assert.All(items, static item => Assert.False(item.IsDeadlocked));
    }

    private IEnumerable<ConcurrentItemInfo> Items()
        => CallInspector.Inspect().SelectMany(static call => call.Items).Where(item => item.Runs.Contains(_mark, StringComparison.Ordinal));
}
