namespace AsyncPs.Data.Loading;

/// <summary>Thrown when a driver cannot begin a load, for a reason that affects all rows.</summary>
/// <param name="inner">The cause.</param>
internal sealed class LoadException(Exception inner) : Exception(inner.Message, inner);
