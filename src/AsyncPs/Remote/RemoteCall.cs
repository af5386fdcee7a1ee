using System.Collections;

namespace AsyncPs.Remote;

/// <summary>The data of a call for its workers.</summary>
/// <param name="Written">The captured part of the caller's session.</param>
internal sealed record RemoteCall(Hashtable Written);
