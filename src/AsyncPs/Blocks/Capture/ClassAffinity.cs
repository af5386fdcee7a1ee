using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Warns about objects of script classes whose methods the blocks call. Whatever thread calls it, such a method runs in the session that
/// created the object, at best one call at a time, and a method that calls another one hangs. A class can declare that it has no
/// such affinity.
/// </summary>
/// <param name="methods">The names of the methods that the blocks and the code they call invoke.</param>
/// <param name="caller">The cmdlet that was given the blocks.</param>
internal sealed class ClassAffinity(IReadOnlySet<string> methods, PSCmdlet caller)
{
    // PowerShell Standard does not have it yet.
    private const string Freedom = "NoRunspaceAffinityAttribute";

    // One warning per class is enough.
    private static readonly ConditionalWeakTable<Type, object> Told = [];

    private Type? _last;

    /// <summary>
    /// Inspects an object for the workers, on the pipeline thread. This costs next to nothing for consecutive objects of one type.
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
