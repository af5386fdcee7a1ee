using AsyncPs.Concurrency.Coroutines;
using Xunit;

namespace AsyncPs.Tests.Coroutines;

/// <summary>What the names of commands tell of a block.</summary>
public sealed class CommandKindsTests
{
    public static TheoryData<string, string> Aliases()
        => [.. OwnCmdlets.All.SelectMany(static cmdlet => cmdlet.Aliases.Select(alias => (alias, cmdlet.Name)))];

    [Theory]
    [MemberData(nameof(Aliases))]
    public void An_alias_of_a_cmdlet_tells_what_its_name_tells(string alias, string name)
        => Assert.Equal(KindsOf(name), KindsOf(alias.ToUpperInvariant()));

    private static (bool Suspends, bool Waits, bool Starts, bool RunsInWorkers, bool IsQuick, bool IsAwait) KindsOf(string command) => (
        CommandKinds.Suspends(command),
        CommandKinds.Waits(command),
        CommandKinds.Starts(command),
        CommandKinds.RunsInWorkers(command),
        CommandKinds.IsQuick(command),
        AwaitSite.IsAwait(command));
}
