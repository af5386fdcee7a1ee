namespace AsyncPs.Messaging;

/// <summary>Which of the queues that are bound to an exchange get a message.</summary>
public enum ExchangeKind
{
    /// <summary>
    /// Those whose pattern its topic matches: words with dots between, <c>*</c> for one word, <c>#</c> for any number of them.
    /// </summary>
    Topic,

    /// <summary>All.</summary>
    Fanout,

    /// <summary>Those that are bound with its very topic.</summary>
    Direct,
}
