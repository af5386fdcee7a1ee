namespace AsyncPs.Concurrency;

/// <summary>
/// The source of an item, which is notified of the item's outcome. Exactly one of the three methods is called, on any thread.
/// </summary>
internal interface IItemOrigin
{
    /// <summary>The object that counts the item as unfinished until then.</summary>
    IReadOnlyList<object> Sources { get; }

    /// <summary>The item has succeeded.</summary>
    void Finish();

    /// <summary>The item has failed and is not retried.</summary>
    /// <param name="error">The last of its errors, if known.</param>
    void Fail(ErrorRecord? error);

    /// <summary>The item was stopped before its end or never started: another consumer may have it.</summary>
    /// <param name="seen">Whether it had started.</param>
    void Return(bool seen);
}
