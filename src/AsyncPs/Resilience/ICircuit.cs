namespace AsyncPs.Resilience;

/// <summary>Makes calls, or refuses to after too many have failed.</summary>
internal interface ICircuit
{
    /// <summary>Whether it lets calls through.</summary>
    CircuitState State { get; }

    /// <summary>Makes a call on this thread. What it throws passes through, and is no failure that counts.</summary>
    /// <exception cref="CircuitOpenException">It is open: the call was not made.</exception>
    AttemptOutcome Run(Func<AttemptOutcome> call);

    /// <summary>Makes a call. What it throws passes through, and is no failure that counts.</summary>
    /// <exception cref="CircuitOpenException">It is open: the call was not made.</exception>
    ValueTask<AttemptOutcome> RunAsync(Func<CancellationToken, ValueTask<AttemptOutcome>> call, CancellationToken cancellationToken);

    /// <summary>
    /// Counts a call that began while it was closed and has ended. One that ends when it is not closed any more counts no more.
    /// </summary>
    void Count(AttemptOutcome outcome);

    /// <summary>Opens it until it is closed by hand.</summary>
    void Isolate();

    /// <summary>Closes it, and forgets what has failed.</summary>
    void Close();
}
