using System.Collections;

namespace AsyncPs.Remote;

/// <summary>What the workers of a call are told of it.</summary>
/// <param name="Written">What was written of the caller's session.</param>
internal sealed record RemoteCall(Hashtable Written);
