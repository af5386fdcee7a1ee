namespace AsyncPs.Resources;

/// <summary>The clean-up of a resource.</summary>
internal enum CleanUpKind
{
    /// <summary>It is disposed.</summary>
    Dispose,

    /// <summary>The caller's block for it runs.</summary>
    Exit,

    /// <summary>The transaction is committed.</summary>
    Commit,

    /// <summary>The transaction is rolled back.</summary>
    Rollback,
}
