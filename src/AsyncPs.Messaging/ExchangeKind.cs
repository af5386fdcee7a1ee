namespace AsyncPs.Messaging;

/// <summary>Which of the queues that are bound to an exchange get a message.</summary>
public enum ExchangeKind
{
    /// <summary>
    /// Those whose pattern matches its topic: words separated by dots, <c>*</c> for one word, <c>#</c> for any number of words.
    /// </summary>
    Topic,

    /// <summary>All.</summary>
    Fanout,

    /// <summary>Those that are bound with exactly its topic.</summary>
    Direct,
}
