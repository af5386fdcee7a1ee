using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Awaiting;

/// <summary>Turns value tasks, which may be awaited only once, into tasks.</summary>
internal static class ValueTasks
{
    private static readonly ConditionalWeakTable<Type, Func<object, Task>> Converters = [];

    /// <summary>Whether the type is <see cref="ValueTask"/> or <see cref="ValueTask{TResult}"/>.</summary>
    public static bool IsValueTask(Type type) => type == typeof(ValueTask) || IsGeneric(type);

    /// <summary>The task of a value task; null for anything else.</summary>
    public static Task? TryConvert(object value) => value switch
    {
        Task => null,
        ValueTask task => task.AsTask(),
        _ when IsGeneric(value.GetType()) => Converters.GetValue(value.GetType(), Create)(value),
        _ => null,
    };

    private static bool IsGeneric(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>);

    private static Func<object, Task> Create(Type type)
        => typeof(ValueTasks).GetMethod(nameof(Convert), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type.GenericTypeArguments)
            .CreateDelegate<Func<object, Task>>();

    private static Task<T> Convert<T>(object value) => ((ValueTask<T>)value).AsTask();
}
