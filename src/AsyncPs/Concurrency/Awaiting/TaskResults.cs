using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Awaiting;

/// <summary>The result of a completed task, as writing it to the pipeline in the block would have given it.</summary>
internal static class TaskResults
{
    private static readonly ConditionalWeakTable<Type, Func<Task, object?>> Readers = [];
    private static readonly object None = new();
    private static readonly object?[] Nothing = [];

    /// <summary>The objects that the result stands for: none without a result, its elements if it is a collection.</summary>
    public static IEnumerable<object?> Get(Task task)
    {
        return !TryGet(task, out object? result) ? Nothing
            : LanguagePrimitives.GetEnumerable(result) is { } elements ? Elements(elements)
            : [result];
    }

    /// <summary>The result as it is.</summary>
    /// <returns>False if the task has none.</returns>
    public static bool TryGet(Task task, out object? result)
    {
        result = Readers.GetValue(task.GetType(), Create)(task);
        return !ReferenceEquals(result, None);
    }

    private static IEnumerable<object?> Elements(IEnumerable elements)
    {
        foreach (object? element in elements)
        {
            yield return element;
        }
    }

    // The type is one of the many that derive from Task; what an asynchronous method without a result returns is one of an internal void.
    private static Func<Task, object?> Create(Type type)
    {
        Type? generic = type;
        while (generic is not null && !(generic.IsGenericType && generic.GetGenericTypeDefinition() == typeof(Task<>)))
        {
            generic = generic.BaseType;
        }

        if (generic is null || generic.GenericTypeArguments[0] is { IsPublic: false, Name: "VoidTaskResult" })
        {
            return static _ => None;
        }

        return typeof(TaskResults).GetMethod(nameof(Read), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(generic.GenericTypeArguments)
            .CreateDelegate<Func<Task, object?>>();
    }

    private static object? Read<T>(Task task) => ((Task<T>)task).Result;
}
