using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Web;

/// <summary>A parameter that the block of a route declares.</summary>
public sealed class RouteParameter
{
    internal RouteParameter(string name, Type type, ParameterSource source, string key, ParameterAst ast, string? description)
    {
        Name = name;
        Type = type;
        Source = source;
        Key = key;
        Description = description;
        Ast = ast;
        IsMandatory = Attributes("Parameter").Any(static attribute => Named(attribute, nameof(ParameterAttribute.Mandatory)));
        Aliases = [.. Attributes("Alias").SelectMany(static attribute => attribute.PositionalArguments).Select(ValueOf).OfType<string>()];
        AllowsNull = type == typeof(object) || Nullable.GetUnderlyingType(type) is not null || Attributes("AllowNull").Any();
    }

    /// <summary>The name, without the dollar sign.</summary>
    public string Name { get; }

    /// <summary>The type; object if none is declared.</summary>
    public Type Type { get; }

    /// <summary>Where the value comes from.</summary>
    public ParameterSource Source { get; }

    /// <summary>Its name there.</summary>
    public string Key { get; }

    /// <summary>Other names that clients may use for it.</summary>
    public string[] Aliases { get; }

    /// <summary>Whether a request without it is refused.</summary>
    public bool IsMandatory { get; }

    /// <summary>Its description in the comment-based help of the block, or null.</summary>
    public string? Description { get; }

    /// <summary>Its syntax tree.</summary>
    internal ParameterAst Ast { get; }

    /// <summary>Whether a value may be null.</summary>
    internal bool AllowsNull { get; }

    /// <summary>Whether it takes several values.</summary>
    internal bool TakesMany
        => Type != typeof(string)
            && Type != typeof(byte[])
            && !typeof(IDictionary).IsAssignableFrom(Type)
            && (Type.IsArray || typeof(IList).IsAssignableFrom(Type));

    /// <summary>Whether it is a flag: a Boolean or a switch.</summary>
    internal bool IsFlag => Type == typeof(bool) || Type == typeof(SwitchParameter) || Type == typeof(bool?);

    /// <summary>Whether an empty string is a value of its type.</summary>
    internal bool TakesEmptyText => Type == typeof(string) || Type == typeof(object) || Type == typeof(byte[]) || TakesMany;

    /// <summary>The attributes of a type, by its name without <c>Attribute</c>.</summary>
    internal IEnumerable<AttributeAst> Attributes(string kind)
        => Ast.Attributes.OfType<AttributeAst>().Where(attribute => attribute.TypeName.Name.Split('.')[^1] is var name
            && (
                name.Equals(kind, StringComparison.OrdinalIgnoreCase)
                    || name.Equals(kind + "Attribute", StringComparison.OrdinalIgnoreCase)));

    /// <summary>The value of an attribute's argument; null if only running code could tell.</summary>
    internal static object? ValueOf(ExpressionAst expression)
    {
        try
        {
            return expression.SafeGetValue();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private static bool Named(AttributeAst attribute, string name)
        => attribute.NamedArguments.Any(argument => argument.ArgumentName.Equals(name, StringComparison.OrdinalIgnoreCase)
            && (argument.ExpressionOmitted || LanguagePrimitives.IsTrue(ValueOf(argument.Argument))));
}
