namespace AsyncPs.Remote.Transport;

/// <summary>The way to one remote session: lines of text there and back.</summary>
internal interface IRemoteChannel
{
    /// <summary>What it leads to, for messages.</summary>
    string Name { get; }

    /// <summary>Takes what is to be sent, once the channel is open.</summary>
    TextWriter Writer { get; }

    /// <summary>Opens it. Once.</summary>
    /// <param name="receiver">Is given what comes, and told when nothing more will.</param>
    /// <exception cref="Exception">It cannot be opened.</exception>
    void Open(IRemoteReceiver receiver);

    /// <summary>Hands on what comes from now on.</summary>
    void Listen();

    /// <summary>The session is over: lets the other side end, and ends it if it does not.</summary>
    void Close();
}

/// <summary>Takes what comes over a channel. One thread at a time.</summary>
internal interface IRemoteReceiver
{
    /// <summary>A line.</summary>
    void Receive(string line);

    /// <summary>Nothing more will come, although nobody has closed the channel.</summary>
    void Ended(string reason, Exception? cause);
}
