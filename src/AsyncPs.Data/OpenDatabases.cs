namespace AsyncPs.Data;

/// <summary>The open databases, which are closed when the module is removed.</summary>
internal static class OpenDatabases
{
    private static readonly HashSet<AsyncDatabase> All = [];

    /// <summary>Adds a database.</summary>
    public static void Add(AsyncDatabase database)
    {
        lock (All)
        {
            All.Add(database);
        }
    }

    /// <summary>Removes a database.</summary>
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
