namespace AsyncPs.Data;

/// <summary>A message that was sent with NOTIFY.</summary>
/// <param name="Channel">The channel it was sent on.</param>
/// <param name="Payload">The text that was sent with it; empty if there was none.</param>
/// <param name="ProcessId">The server process of the sending session (<c>pg_backend_pid</c>).</param>
public sealed record DatabaseNotification(string Channel, string Payload, int ProcessId);
