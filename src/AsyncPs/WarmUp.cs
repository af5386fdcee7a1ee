using System.Reflection;
using System.Runtime.CompilerServices;
using AsyncPs.Commands;
using AsyncPs.Concurrency;
using AsyncPs.Queues;
using AsyncPs.Throttling;
using AsyncPs.Workers;

namespace AsyncPs;

/// <summary>
/// Compiles the code of a first call in the background. Compilation takes most of a first call's time, and precompiled code would be for
/// one platform only.
/// </summary>
internal static class WarmUp
{
    private const BindingFlags Declared
        = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Namespaces =
    [
        "AsyncPs.Concurrency",
        "AsyncPs.Concurrency.Awaiting",
        "AsyncPs.Concurrency.Measuring",
        "AsyncPs.Concurrency.Waits",
        "AsyncPs.Telemetry",
        "AsyncPs.Workers",
        "AsyncPs.Blocks",
        "AsyncPs.Blocks.Capture",
        "AsyncPs.Blocks.State",
        "AsyncPs",
    ];

    /// <summary>Starts to compile.</summary>
    public static void Begin() => Guarded.Start("AsyncPs warm-up", Run, ThreadPriority.BelowNormal);

    private static void Run()
    {
        // In the order in which a call needs them.
        for (Type type = typeof(InvokeConcurrentCommand); type.Assembly == typeof(WarmUp).Assembly; type = type.BaseType!)
        {
            Compile(type);
        }

        Type[] types = typeof(WarmUp).Assembly.GetTypes();
        foreach (string name in Namespaces)
        {
            foreach (Type type in types.Where(type => type.Namespace == name))
            {
                Compile(type);
            }
        }

        CallMetrics.Publish();
        QueueMetrics.Publish();
        ThrottleMetrics.Publish();
    }

    private static void Compile(Type type)
    {
        if (type.ContainsGenericParameters)
        {
            return;
        }

        foreach (MethodBase method in type.GetMembers(Declared).OfType<MethodBase>())
        {
            // Once there is a caller, the processors are left to it.
            if (WorkerPool.Shared.IdleCount == 0)
            {
                return;
            }

            if (method is { IsAbstract: false, ContainsGenericParameters: false })
            {
                try
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
                }
                catch (Exception)
                {
                    // The call that needs the method will report the error.
                }
            }
        }
    }
}
