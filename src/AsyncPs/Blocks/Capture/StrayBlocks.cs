using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Script blocks in objects that workers cannot see through a view: lists and dictionaries of .NET, and properties. They remain tied to
/// the caller's session, and a call runs in that session, concurrently with the code there.
/// </summary>
internal static class StrayBlocks
{
    private const int MaxCount = 256;

    private static readonly string[] Calls = ["Invoke", "InvokeReturnAsIs", "InvokeWithContext", "ForEach", "Where"];

    /// <summary>Describes which part of a value contains script blocks; null for none.</summary>
    /// <param name="name">The caller's name for it, as in `$list` or `$using:list`.</param>
    /// <param name="value">The value.</param>
    /// <param name="hasViews">Whether workers see such a hashtable or array through a view, and get an equivalent of a block.</param>
    public static string? HolderIn(string name, object? value, bool hasViews)
    {
        object? plain = PSObjectExtensions.Unwrap(value);
        if (plain is ScriptBlock && !hasViews)
        {
            return char.ToUpperInvariant(name[0]) + name[1..];
        }

        if (plain is PSCustomObject)
        {
            return PSObject.AsPSObject(value!).Properties
                .FirstOrDefault(static property => property is PSNoteProperty && IsBlock(property.Value)) is { } found
                    ? $"The property {found.Name} of {name}"
                    : null;
        }

        IEnumerable? values = plain switch
        {
            null or string => null,
            Array or Hashtable or System.Collections.Specialized.OrderedDictionary when hasViews => null,
            IDictionary { Count: > 0 and <= MaxCount } table when IsOfNet(table) => table.Values,
            ICollection { Count: > 0 and <= MaxCount } list when list is object?[] || IsOfNet(list) => list,
            _ => null,
        };
        try
        {
            return values?.Cast<object?>().Any(IsBlock) == true ? $"The {plain!.GetType().Name.Split('`')[0]} in {name}" : null;
        }
        catch (InvalidOperationException)
        {
            // Others write to it meanwhile.
            return null;
        }
    }

    /// <summary>Whether code calls something that is not known before it runs.</summary>
    public static bool AreCalledIn(Ast code) => code.Find(IsCall, searchNestedScriptBlocks: true) is not null;

    private static bool IsCall(Ast ast) => ast switch
    {
        CommandAst { InvocationOperator: not TokenKind.Unknown } command => command.CommandElements[0] is not StringConstantExpressionAst,
        InvokeMemberExpressionAst { Member: StringConstantExpressionAst name }
            => Calls.Contains(name.Value, StringComparer.OrdinalIgnoreCase),
        _ => false,
    };

    private static bool IsBlock(object? value) => PSObjectExtensions.Unwrap(value) is ScriptBlock;

    private static bool IsOfNet(object collection)
    {
        Type type = collection.GetType();
        return type.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true
            && !(type.IsGenericType && Array.TrueForAll(type.GenericTypeArguments, static a => a.IsValueType || a == typeof(string)));
    }
}
