namespace AsyncPs.Resilience;

/// <summary>Makes calls, or rejects them after too many failures.</summary>
internal interface ICircuit
{
    /// <summary>Its state.</summary>
    CircuitState State { get; }

    /// <summary>Makes a call on this thread. Its exceptions pass through and do not count as failures.</summary>
    /// <exception cref="CircuitOpenException">It is open: the call was not made.</exception>
    AttemptOutcome Run(Func<AttemptOutcome> call);

    /// <summary>Makes a call. Its exceptions pass through and do not count as failures.</summary>
    /// <exception cref="CircuitOpenException">It is open: the call was not made.</exception>
    ValueTask<AttemptOutcome> RunAsync(Func<CancellationToken, ValueTask<AttemptOutcome>> call, CancellationToken cancellationToken);

    /// <summary>
    /// Counts a call that began while it was closed and has ended. The call does not count if the circuit is no longer closed.
    /// </summary>
    void Count(AttemptOutcome outcome);

    /// <summary>Opens it until it is closed by hand.</summary>
    void Isolate();

    /// <summary>Closes it and clears the counted failures.</summary>
    void Close();
}
