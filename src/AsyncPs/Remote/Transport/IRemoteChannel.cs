namespace AsyncPs.Remote.Transport;

/// <summary>A channel to one remote session: lines of text in both directions.</summary>
internal interface IRemoteChannel
{
    /// <summary>The name of the other side, for messages.</summary>
    string Name { get; }

    /// <summary>Writes to the other side, once the channel is open.</summary>
    TextWriter Writer { get; }

    /// <summary>Opens the channel. Once.</summary>
    /// <param name="receiver">Receives the lines, and is told when no more will come.</param>
    /// <exception cref="Exception">It cannot be opened.</exception>
    void Open(IRemoteReceiver receiver);

    /// <summary>Starts to pass on lines.</summary>
    void Listen();

    /// <summary>Ends the session: lets the other side end, and kills it if it does not.</summary>
    void Close();
}

/// <summary>Receives what comes over a channel. One thread at a time.</summary>
internal interface IRemoteReceiver
{
    /// <summary>A line.</summary>
    void Receive(string line);

    /// <summary>Called when no more lines will come although the channel was not closed.</summary>
    void Ended(string reason, Exception? cause);
}
