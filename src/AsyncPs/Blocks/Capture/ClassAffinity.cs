using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Warns of objects of script classes whose methods blocks call. Such a method runs in the session that has made the object, whatever
/// thread calls it: one at a time at the best, and one that calls another never comes back. A class may say that it has no such
/// affinity.
/// </summary>
/// <param name="methods">The names of the methods that the blocks call, and what they call in turn.</param>
/// <param name="caller">The cmdlet that was given the blocks.</param>
internal sealed class ClassAffinity(IReadOnlySet<string> methods, PSCmdlet caller)
{
    // Newer than PowerShell Standard.
    private const string Freedom = "NoRunspaceAffinityAttribute";

    // Once a class is enough.
    private static readonly ConditionalWeakTable<Type, object> Told = [];

    private Type? _last;

    /// <summary>
    /// Looks at what is carried to the workers, on the pipeline thread. Costs next to nothing for objects of one type after another.
    /// </summary>
    public void Inspect(object? value)
    {
        Type? type = PSObjectExtensions.Unwrap(value)?.GetType();
        if (type == _last || type is null)
        {
            return;
        }

        _last = type;
        Type plain = type.IsArray ? type.GetElementType()! : type;
        if (methods.Count > 0 && ScriptClasses.Contain(plain) && BoundMethod(plain) is { } method && Told.TryAdd(plain, plain))
        {
            caller.WriteWarning(CaptureErrors.ClassHasAffinity(plain, method));
        }
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
