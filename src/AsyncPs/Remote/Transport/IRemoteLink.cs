namespace AsyncPs.Remote.Transport;

/// <summary>The connection of a remote worker: it ends, is paused, and is killed.</summary>
internal interface IRemoteLink
{
    /// <summary>The name of the other side, for messages.</summary>
    string Name { get; }

    /// <summary>Completes when the worker has ended.</summary>
    Task Exit { get; }

    /// <summary>The exit code of the process, once it has ended; null if it is not known.</summary>
    int? ExitCode { get; }

    /// <summary>The last lines that the process wrote to its standard error.</summary>
    string LastWords { get; }

    /// <summary>Starts or pauses reading. While it is paused, the other side is blocked by what it writes.</summary>
    void SetReading(bool mayRead);

    /// <summary>Kills the worker.</summary>
    /// <param name="reason">The reason, as the end of a sentence, or null.</param>
    void Kill(string? reason);

    /// <summary>How the worker ended, as the end of a sentence, and its last words.</summary>
    Task<(string How, string Words)> GetEndAsync();
}
