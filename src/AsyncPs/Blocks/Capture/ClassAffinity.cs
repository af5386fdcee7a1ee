using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Reports objects of script classes whose methods the blocks call. Whatever thread calls it, such a method runs in the session that
/// created the object, at best one call at a time, and a method that calls another one hangs. A class can declare that it has no such
/// affinity.
/// </summary>
/// <param name="methods">The names of the methods that the blocks and the code they call invoke.</param>
internal sealed class ClassAffinity(IReadOnlySet<string> methods)
{
    // PowerShell Standard does not have it yet.
    private const string Freedom = "NoRunspaceAffinityAttribute";

    // One warning per class is enough.
    private static readonly ConditionalWeakTable<Type, object> Told = [];

    /// <summary>Inspects an object for the workers.</summary>
    /// <returns>A warning, or null.</returns>
    public string? Inspect(object? value)
    {
        Type? type = PSObjectExtensions.Unwrap(value)?.GetType();
        Type? plain = type?.IsArray == true ? type.GetElementType()! : type;
        return methods.Count > 0
            && plain is not null
            && ScriptClasses.Contain(plain)
            && BoundMethod(plain) is { } method
            && Told.TryAdd(plain, plain)
                ? CaptureErrors.ClassHasAffinity(plain, method)
                : null;
    }

    private string? BoundMethod(Type type)
        => Array.Find(
            type.GetMethods(BindingFlags.Public | BindingFlags.Instance),
            method => methods.Contains(method.Name)
                && method.DeclaringType is { } owner
                && ScriptClasses.Contain(owner)
                && !IsFree(owner))?.Name;

    private static bool IsFree(Type type) => type.CustomAttributes.Any(static attribute => attribute.AttributeType.Name == Freedom);
}
