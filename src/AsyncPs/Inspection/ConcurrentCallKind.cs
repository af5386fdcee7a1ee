namespace AsyncPs.Inspection;

/// <summary>The kind of work of a live call.</summary>
public enum ConcurrentCallKind
{
    /// <summary>Items of a pipeline that waits for them.</summary>
    Call,

    /// <summary>Jobs of one command.</summary>
    Jobs,

    /// <summary>The producer of a stream.</summary>
    Stream,

    /// <summary>The handler of an event subscription.</summary>
    Subscription,

    /// <summary>A web server, whose items are the requests that it answers.</summary>
    Server,

    /// <summary>Queries of a database.</summary>
    Query,

    /// <summary>Rows that are being loaded into a database.</summary>
    Import,

    /// <summary>
    /// A block that a command runs in the background: the computation of a cache, a shutdown action, a block that is waited for.
    /// </summary>
    Block,

    /// <summary>Attempts at the items of another call.</summary>
    Attempts,

    /// <summary>A session that waits in a command of this module, outside any call.</summary>
    Session,
}
