namespace AsyncPs.Concurrency;

/// <summary>Where an item comes from, if that is to know how the item ends. One of these is called, once, on any thread.</summary>
internal interface IItemOrigin
{
    /// <summary>What counts the item as unfinished until one of these is called.</summary>
    IReadOnlyList<object> Sources { get; }

    /// <summary>The item has ended well: it is done.</summary>
    void Finish();

    /// <summary>The item has failed, and is not tried again.</summary>
    /// <param name="error">The last of its errors, if that is known.</param>
    void Fail(ErrorRecord? error);

    /// <summary>The item was stopped before its end, or never started: somebody else may have it.</summary>
    /// <param name="seen">Whether it was started.</param>
    void Return(bool seen);
}
