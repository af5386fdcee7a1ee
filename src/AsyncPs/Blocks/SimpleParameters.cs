using System.Collections;
using System.Globalization;
using System.Management.Automation.Language;

namespace AsyncPs.Blocks;

/// <summary>
/// The parameters of a block whose values can be bound without the engine's binder, which takes several times as long as a short block.
/// What is bound here is converted and validated by the same converters and attributes. For all else (an attribute of another kind, a
/// value that does not fit) the binder decides, so its errors stay its own.
/// </summary>
internal sealed class SimpleParameters
{
    // What such a block would see of the way it is called.
    private static readonly HashSet<string> CallVariables =
        new(["PSCmdlet", "PSBoundParameters", "MyInvocation", "args", "input"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> ParameterArguments =
        new([nameof(ParameterAttribute.Mandatory), nameof(ParameterAttribute.HelpMessage)], StringComparer.OrdinalIgnoreCase);

    // Types whose converters read nothing but the text.
    private static readonly HashSet<Type> ConvertedTypes =
    [
        typeof(string), typeof(int), typeof(long), typeof(short), typeof(byte), typeof(double), typeof(float), typeof(decimal),
        typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(Uri), typeof(Version),
    ];

    // Without a value and a default value, a parameter of one of these types has the type's own; that of another is null or an error.
    private static readonly HashSet<Type> TypesWithDefault =
    [
        typeof(object), typeof(string), typeof(int), typeof(long), typeof(double), typeof(bool), typeof(SwitchParameter),
    ];

    private readonly Parameter[] _parameters;
    private readonly EngineIntrinsics _engine;

    private SimpleParameters(Parameter[] parameters, EngineIntrinsics engine) => (_parameters, _engine) = (parameters, engine);

    /// <summary>Reads the parameters of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="function">The block as a function of the session.</param>
    /// <param name="engine">The session.</param>
    /// <returns>Null if some are not simple, or the block could tell how it was called.</returns>
    public static SimpleParameters? Of(ScriptBlock block, FunctionInfo function, EngineIntrinsics engine)
    {
        if (EngineInternals.Validate is null
            || block.Ast is not ScriptBlockAst { ParamBlock: { Attributes.Count: 0, Parameters: var declared } } body
            || body.Find(NamesCall, searchNestedScriptBlocks: true) is not null)
        {
            return null;
        }

        var parameters = new Parameter[declared.Count];
        for (int i = 0; i < parameters.Length; i++)
        {
            if (!function.Parameters.TryGetValue(declared[i].Name.VariablePath.UserPath, out ParameterMetadata? metadata)
                || Read(declared[i], metadata, engine) is not { } parameter)
            {
                return null;
            }

            parameters[i] = parameter;
        }

        return new SimpleParameters(parameters, engine);
    }

    /// <summary>Finds the values of the parameters by position.</summary>
    /// <param name="named">The arguments by name; all of them are parameters.</param>
    /// <returns>Null if the binder must decide.</returns>
    public object?[]? Bind(IDictionary named)
    {
        int count = _parameters.Length;
        while (count > 0 && !named.Contains(_parameters[count - 1].Name))
        {
            count--;
            if (!_parameters[count].MayBeMissing)
            {
                return null;
            }
        }

        object?[] values = new object?[count];
        for (int i = 0; i < count; i++)
        {
            Parameter parameter = _parameters[i];
            if (!(named.Contains(parameter.Name) ? TryConvert(parameter, named[parameter.Name], out values[i])
                : parameter is { MayBeMissing: true, HasFixedDefault: true }))
            {
                return null;
            }

            values[i] ??= parameter.Default;
        }

        return values;
    }

    private bool TryConvert(Parameter parameter, object? value, out object? converted)
    {
        converted = value;
        if (value is null or "" or ICollection { Count: 0 } || !TryConvert(value, parameter.Type, out converted))
        {
            return false;
        }

        return IsValid(parameter.Validations, converted, _engine);
    }

    private static bool TryConvert(object value, Type type, out object? converted)
    {
        converted = value;
        if (type == typeof(object) || value.GetType() == type)
        {
            return true;
        }

        if (value is bool flag && type == typeof(SwitchParameter))
        {
            converted = new SwitchParameter(flag);
            return true;
        }

        if (value is string text && type == typeof(int) && IsPlainNumber(text))
        {
            // As the engine reads it, which takes its parser for this.
            converted = int.Parse(text, CultureInfo.InvariantCulture);
            return true;
        }

        return value is string or int or long or double or decimal
            && ConvertedTypes.Contains(type)
            && LanguagePrimitives.TryConvertTo(value, type, CultureInfo.InvariantCulture, out converted);
    }

    private static bool IsPlainNumber(string text) => text.Length is > 0 and < 10 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static bool IsValid(ValidateArgumentsAttribute[] validations, object? value, EngineIntrinsics engine)
    {
        try
        {
            foreach (ValidateArgumentsAttribute validation in validations)
            {
                EngineInternals.Validate!(validation, value, engine);
            }

            return true;
        }
        catch (ValidationMetadataException)
        {
            return false;
        }
    }

    private static bool NamesCall(Ast ast)
        => ast is VariableExpressionAst variable && CallVariables.Contains(variable.VariablePath.UserPath);

    private static Parameter? Read(ParameterAst ast, ParameterMetadata metadata, EngineIntrinsics engine)
    {
        Type type = ast.StaticType;
        List<ValidateArgumentsAttribute> validations = [];
        if (metadata.ParameterType != type
            || ast.Attributes.Count(static attribute => attribute is TypeConstraintAst) > 1
            || !ast.Attributes.OfType<AttributeAst>().All(static attribute => attribute.NamedArguments.All(IsSimple)))
        {
            return null;
        }

        foreach (Attribute attribute in metadata.Attributes)
        {
            switch (attribute)
            {
                case ParameterAttribute or AliasAttribute or System.Management.Automation.AllowNullAttribute or AllowEmptyStringAttribute:
                case ArgumentTransformationAttribute when attribute.GetType() is { IsPublic: false } own && IsOfEngine(own):
                    break;
                case ValidateRangeAttribute or ValidateLengthAttribute or ValidatePatternAttribute or ValidateCountAttribute
                    or ValidateNotNullAttribute or ValidateNotNullOrEmptyAttribute:
                case ValidateSetAttribute when ast.Attributes.OfType<AttributeAst>()
                    .All(static set => set.PositionalArguments.All(static argument => argument is ConstantExpressionAst)):
                    validations.Add((ValidateArgumentsAttribute)attribute);
                    break;
                default:
                    return null;
            }
        }

        return ReadDefault(ast.Name.VariablePath.UserPath, type, [.. validations], ast.DefaultValue, engine);
    }

    // The binder does not validate default values; the engine would here.
    private static Parameter ReadDefault(
        string name,
        Type type,
        ValidateArgumentsAttribute[] validations,
        ExpressionAst? expression,
        EngineIntrinsics engine)
    {
        object? value = (expression as ConstantExpressionAst)?.Value;
        bool isFixed = expression is null or ConstantExpressionAst;
        bool isSafe = validations.Length == 0
            ? expression is not null || TypesWithDefault.Contains(type)
            : value is not null && TryConvert(value, type, out object? converted) && IsValid(validations, converted, engine);
        return new Parameter(name, type, validations, value, isFixed, isSafe);
    }

    private static bool IsSimple(NamedAttributeArgumentAst argument)
        => argument.Parent is AttributeAst { TypeName.Name: var kind }
            && (!kind.StartsWith("Parameter", StringComparison.OrdinalIgnoreCase) || ParameterArguments.Contains(argument.ArgumentName));

    private static bool IsOfEngine(Type type) => type.Assembly == typeof(PSObject).Assembly;

    // What is needed of a parameter.
    private sealed record Parameter(
        string Name,
        Type Type,
        ValidateArgumentsAttribute[] Validations,
        object? Default,
        bool HasFixedDefault,
        bool MayBeMissing);
}
