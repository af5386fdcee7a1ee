using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Awaiting;

/// <summary>The result of a completed task, unrolled as if the block had written it to the pipeline.</summary>
internal static class TaskResults
{
    private static readonly ConditionalWeakTable<Type, Func<Task, object?>> Readers = [];
    private static readonly object None = new();
    private static readonly object?[] Nothing = [];

    /// <summary>The objects of the result: none for a task without a result, the elements of a collection.</summary>
    public static IEnumerable<object?> Get(Task task)
    {
        return !TryGet(task, out object? result) ? Nothing
            : LanguagePrimitives.GetEnumerable(result) is { } elements ? Elements(elements)
            : [result];
    }

    /// <summary>Gets the result as it is.</summary>
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

    // The runtime type derives from Task; an asynchronous method without a result returns a task of an internal void type.
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
