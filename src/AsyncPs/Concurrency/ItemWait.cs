namespace AsyncPs.Concurrency;

/// <summary>
/// The time during which the item of this thread waits for other work. It returns its permits, so that the other work can have them. At
/// the end, it waits until it has them again.
/// </summary>
internal readonly struct ItemWait : IDisposable
{
    private readonly WorkItem? _item;

    private ItemWait(WorkItem? item) => _item = item;

    /// <summary>Begins the wait. Dispose the result on the same thread.</summary>
    public static ItemWait Begin()
    {
        WorkItem? item = WorkItem.Current;
        PermitOf(item)?.BeginWait();
        return new ItemWait(item);
    }

    /// <summary>Ends the wait.</summary>
    /// <exception cref="PipelineStoppedException">The item was stopped.</exception>
    public void Dispose() => End(EndAsync());

    /// <summary>Ends the wait and starts to take the permits back, instead of <see cref="Dispose"/>.</summary>
    /// <returns>The task for <see cref="End"/>, which completes when the item has the permits.</returns>
    public Task EndAsync()
        => PermitOf(_item) is { } permit ? permit.EndWaitAsync(_item!.State!.Token) : Task.CompletedTask;

    /// <summary>Blocks until the item has the permits.</summary>
    /// <param name="ending">What <see cref="EndAsync"/> has returned.</param>
    /// <exception cref="PipelineStoppedException">The item was stopped.</exception>
    public static void End(Task ending)
    {
        try
        {
            ending.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    // An attempt runs with the permits of the item that it is an attempt at.
    private static ItemPermit? PermitOf(WorkItem? item) => (item?.Outer ?? item)?.State?.Permit;
}
