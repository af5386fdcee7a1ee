using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Awaiting;

/// <summary>
/// Recognizes awaitable output of a block: tasks, value tasks and asynchronous streams. The answer is cached by type, so an ordinary object
/// costs one lookup.
/// </summary>
internal static class Awaitables
{
    private static readonly ConditionalWeakTable<Type, object> Known = [];

    // Most output is of one type: the last type seen that is not awaitable.
    private static Type? _lastOrdinary;

    private enum Kind
    {
        Ordinary,
        Awaitable,
    }

    /// <summary>Whether the object is awaited. If so, returns it without PowerShell's wrapper, and a value task as a task.</summary>
    public static bool IsAwaitable(object? written, [NotNullWhen(true)] out object? awaitable)
    {
        awaitable = PSObjectExtensions.Unwrap(written);
        if (awaitable is null)
        {
            return false;
        }

        Type type = awaitable.GetType();
        if (type == Volatile.Read(ref _lastOrdinary))
        {
            return false;
        }

        if ((Kind)Known.GetValue(type, static t => Classify(t)) == Kind.Ordinary)
        {
            Volatile.Write(ref _lastOrdinary, type);
            return false;
        }

        awaitable = ValueTasks.TryConvert(awaitable) ?? awaitable;
        return true;
    }

    private static object Classify(Type type)
        => typeof(Task).IsAssignableFrom(type) || ValueTasks.IsValueTask(type) || AsyncStreams.IsAsyncStream(type)
            ? Kind.Awaitable
            : Kind.Ordinary;
}
