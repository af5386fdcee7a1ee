namespace AsyncPs.Data.Loading;

/// <summary>A driver could not begin to load: whatever the rows are, it would be the same.</summary>
/// <param name="inner">What has been thrown.</param>
internal sealed class LoadException(Exception inner) : Exception(inner.Message, inner);
