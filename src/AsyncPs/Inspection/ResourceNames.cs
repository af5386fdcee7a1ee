using System.Runtime.CompilerServices;
using AsyncPs.Caching;
using AsyncPs.Events;
using AsyncPs.Pooling;
using AsyncPs.Queues;
using AsyncPs.Throttling;

namespace AsyncPs.Inspection;

/// <summary>Names of resources. A resource without a name gets a number at its first inspection, and keeps it.</summary>
internal static class ResourceNames
{
    private static readonly ConditionalWeakTable<object, string> Known = [];
    private static readonly Dictionary<string, int> Last = [];

    /// <summary>The name of a resource.</summary>
    public static string Of(object resource) => resource switch
    {
        AsyncQueue queue => queue.Name,
        AsyncEventBus bus => bus.Name,
        EventSubscription subscription => subscription.Name,
        Job job => job.Name,
        Task task => $"task {task.Id}",
        Throttle => Numbered(resource, "throttle"),
        AsyncPool => Numbered(resource, "pool"),
        AsyncCache => Numbered(resource, "cache"),
        _ => Numbered(resource, resource.GetType().Name),
    };

    private static string Numbered(object resource, string kind) => Known.GetValue(resource, _ =>
    {
        lock (Last)
        {
            int number = Last[kind] = Last.GetValueOrDefault(kind) + 1;
            return $"{kind} {number}";
        }
    });
}
