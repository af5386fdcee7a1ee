using System.Collections.Concurrent;
using System.Reflection;

namespace AsyncPs.Commands.Base;

/// <summary>Copies bound parameters to another cmdlet of the same kind.</summary>
internal static class ParameterProperties
{
    private static readonly ConcurrentDictionary<(Type Cmdlet, string Name), PropertyInfo?> Known = [];

    /// <summary>Sets a parameter, unless it is a dynamic one.</summary>
    public static void Set(Cmdlet cmdlet, string name, object? value)
        => Known.GetOrAdd((cmdlet.GetType(), name), static key => key.Cmdlet.GetProperty(key.Name) is { CanWrite: true } property
            && property.IsDefined(typeof(ParameterAttribute)) ? property : null)?.SetValue(cmdlet, value);
}
