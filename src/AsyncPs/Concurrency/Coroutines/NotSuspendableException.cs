namespace AsyncPs.Concurrency.Coroutines;

/// <summary>Thrown for code that cannot become a coroutine.</summary>
/// <param name="reason">Why, as the end of a sentence that begins with the code.</param>
internal sealed class NotSuspendableException(string reason) : Exception(reason);
