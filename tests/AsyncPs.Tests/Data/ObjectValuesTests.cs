using System.Management.Automation;
using AsyncPs.Data;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Reading values of objects.</summary>
public sealed class ObjectValuesTests
{
    [Fact]
    public void The_engine_gives_the_members_of_an_object_without_making_one_that_stays()
    {
        var row = new PSObject(1);
        row.Properties.Add(new PSNoteProperty("id", 7));

        Assert.NotNull(EngineInternals.OwnMembers);
        Assert.Equal(7, EngineInternals.OwnMembers(row)!["ID"].Value);
        Assert.Null(EngineInternals.OwnMembers(new PSObject("text")));
    }

    [Fact]
    public void Reading_a_property_leaves_nothing_behind()
    {
        PSObject[] rows = [.. Enumerable.Range(0, 1000).Select(Row)];
        ObjectValues.TryGet(Row(0), "id", out _);

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (PSObject row in rows)
        {
            ObjectValues.TryGet(row, "id", out _);
        }

        // Properties would create an object for each.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, rows.Length * 8);
    }

    // Only its collection of members was created, not its collection of properties.
    private static PSObject Row(int i)
    {
        var row = new PSObject(1);
        row.Members.Add(new PSNoteProperty("id", i));
        return row;
    }
}
