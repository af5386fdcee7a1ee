using System.Collections.Concurrent;
using System.Reflection;

namespace AsyncPs.Commands.Base;

/// <summary>Sets parameters of a cmdlet that were bound to another of its kind.</summary>
internal static class ParameterProperties
{
    private static readonly ConcurrentDictionary<(Type Cmdlet, string Name), PropertyInfo?> Known = [];

    /// <summary>Sets a parameter; dynamic ones are left alone.</summary>
    public static void Set(Cmdlet cmdlet, string name, object? value)
        => Known.GetOrAdd((cmdlet.GetType(), name), static key => key.Cmdlet.GetProperty(key.Name) is { CanWrite: true } property
            && property.IsDefined(typeof(ParameterAttribute)) ? property : null)?.SetValue(cmdlet, value);
}
