namespace AsyncPs.Data;

/// <summary>The databases that are not closed, so that they can be when the module goes.</summary>
internal static class OpenDatabases
{
    private static readonly HashSet<AsyncDatabase> All = [];

    /// <summary>Notes a database.</summary>
    public static void Add(AsyncDatabase database)
    {
        lock (All)
        {
            All.Add(database);
        }
    }

    /// <summary>Forgets a database.</summary>
    public static void Remove(AsyncDatabase database)
    {
        lock (All)
        {
            All.Remove(database);
        }
    }

    /// <summary>Closes all of them.</summary>
    public static void Close()
    {
        AsyncDatabase[] all;
        lock (All)
        {
            all = [.. All];
        }

        foreach (AsyncDatabase database in all)
        {
            database.Dispose();
        }
    }
}
