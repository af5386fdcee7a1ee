using System.Management.Automation.Language;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.Capture;

/// <summary>Finds the code of the classes that scripts define.</summary>
internal static class ScriptClasses
{
    private const string AssemblyName = "PowerShell Class Assembly";

    // The type in which the engine keeps the methods of a class; each refers to its code.
    private const string HelperSuffix = "_<staticHelpers>";
    private const string CodeField = "_ast";

    private static readonly ConditionalWeakTable<Ast, Dictionary<string, TypeDefinitionAst>> Known = [];

    /// <summary>Whether a type is a class or enumeration of a script.</summary>
    public static bool Contain(Type type)
        => type.HasElementType ? Contain(type.GetElementType()!)
            : type.IsConstructedGenericType ? Array.Exists(type.GenericTypeArguments, Contain)
            : type.Assembly is { IsDynamic: true } assembly
                && assembly.FullName?.StartsWith(AssemblyName, StringComparison.Ordinal) == true;

    /// <summary>The definition of a class, in the file or input that names it, or in another one that has run.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="where">Where it is named.</param>
    /// <returns>Null if it is not a class of a script.</returns>
    public static TypeDefinitionAst? Find(ITypeName name, Ast where)
        => Known.GetValue(RootOf(where), ReadDefinitions).GetValueOrDefault(name.Name)
            ?? (name.GetReflectionType() is { } type && Contain(type) ? DefinitionOf(type) : null);

    private static Dictionary<string, TypeDefinitionAst> ReadDefinitions(Ast root)
    {
        Dictionary<string, TypeDefinitionAst> definitions = new(StringComparer.OrdinalIgnoreCase);
        foreach (TypeDefinitionAst definition in root
            .FindAll(static ast => ast is TypeDefinitionAst, searchNestedScriptBlocks: true)
            .Cast<TypeDefinitionAst>())
        {
            definitions.TryAdd(definition.Name, definition);
        }

        return definitions;
    }

    private static TypeDefinitionAst? DefinitionOf(Type type)
    {
        const BindingFlags Fields = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (FieldInfo field in type.Assembly.GetType(type.FullName + HelperSuffix)?.GetFields(Fields) ?? [])
        {
            object? method = field.IsStatic ? field.GetValue(null) : null;
            if (method?.GetType().GetField(CodeField, Fields)?.GetValue(method) is Ast code)
            {
                for (Ast? around = code; around is not null; around = around.Parent)
                {
                    if (around is TypeDefinitionAst definition)
                    {
                        return definition;
                    }
                }
            }
        }

        return null;
    }

    private static Ast RootOf(Ast ast)
    {
        while (ast.Parent is { } parent)
        {
            ast = parent;
        }

        return ast;
    }
}
