using System.Reflection;

namespace AsyncPs;

/// <content>The value of `$MyInvocation`. The engine creates it, and has no public way to create a similar one.</content>
internal static partial class EngineInternals
{
    /// <summary>Copies an invocation for another session, or is null.</summary>
    public static InvocationCopier? Invocations { get; } = InvocationCopier.Create();

    /// <summary>
    /// Makes a function of a name and a block for the session that a cmdlet runs in, without adding it there; or is null.
    /// </summary>
    public static Func<string, ScriptBlock, PSCmdlet, FunctionInfo>? CreateFunction { get; } = FindCreateFunction();

    private static Func<string, ScriptBlock, PSCmdlet, FunctionInfo>? FindCreateFunction()
        => typeof(Cmdlet).GetProperty("Context", Members) is { } context
            && typeof(FunctionInfo).GetConstructor(Members, [typeof(string), typeof(ScriptBlock), context.PropertyType]) is { } create
                ? (name, block, command) => (FunctionInfo)create.Invoke([name, block, context.GetValue(command)])
                : null;

    /// <summary>Copies invocations and their commands.</summary>
    public sealed class InvocationCopier
    {
        private static readonly MethodInfo Clone = typeof(object).GetMethod(nameof(MemberwiseClone), Members)!;

        private readonly PropertyInfo _contextOfCmdlet;
        private readonly PropertyInfo _contextOfCommand;
        private readonly FieldInfo _command;
        private readonly PropertyInfo _parameters;

        private InvocationCopier(PropertyInfo contextOfCmdlet, PropertyInfo contextOfCommand, FieldInfo command, PropertyInfo parameters)
            => (_contextOfCmdlet, _contextOfCommand, _command, _parameters) = (contextOfCmdlet, contextOfCommand, command, parameters);

        /// <summary>Creates the copier; null if this version of the engine differs.</summary>
        public static InvocationCopier? Create()
            => typeof(Cmdlet).GetProperty("Context", Members) is { } contextOfCmdlet
                && typeof(CommandInfo).GetProperty("Context", Members) is { SetMethod: not null } contextOfCommand
                && contextOfCommand.PropertyType == contextOfCmdlet.PropertyType
                && typeof(InvocationInfo).GetField("<MyCommand>k__BackingField", Members) is { } command
                && command.FieldType == typeof(CommandInfo)
                && typeof(InvocationInfo).GetProperty(nameof(InvocationInfo.BoundParameters), Members) is { SetMethod: not null } parameters
                    ? new InvocationCopier(contextOfCmdlet, contextOfCommand, command, parameters)
                    : null;

        /// <summary>Copies an invocation, with its bound parameters.</summary>
        /// <param name="invocation">The invocation.</param>
        /// <param name="block">The command's block in the copy.</param>
        /// <param name="argument">Returns the copy's value of a parameter.</param>
        public InvocationInfo Copy(InvocationInfo invocation, ScriptBlock block, Func<object?, object?> argument)
        {
            var copy = (InvocationInfo)Clone.Invoke(invocation, null)!;
            Dictionary<string, object?> parameters = new(StringComparer.OrdinalIgnoreCase);
            foreach ((string name, object? value) in invocation.BoundParameters)
            {
                parameters[name] = argument(value);
            }

            _parameters.SetValue(copy, parameters);
            object command = Clone.Invoke(invocation.MyCommand, null)!;
            BlockFieldOf(invocation.MyCommand)?.SetValue(command, block);
            _command.SetValue(copy, command);
            return copy;
        }

        /// <summary>Copies an invocation for a command in the session of a cmdlet.</summary>
        /// <param name="invocation">The invocation.</param>
        /// <param name="cmdlet">The cmdlet.</param>
        public InvocationInfo CopyFor(InvocationInfo invocation, Cmdlet cmdlet)
        {
            var copy = (InvocationInfo)Clone.Invoke(invocation, null)!;
            object command = Clone.Invoke(invocation.MyCommand, null)!;
            _contextOfCommand.SetValue(command, _contextOfCmdlet.GetValue(cmdlet));
            _command.SetValue(copy, command);
            return copy;
        }

        private static FieldInfo? BlockFieldOf(CommandInfo command)
        {
            Type type = command is FunctionInfo ? typeof(FunctionInfo) : command.GetType();
            return type.GetField(BlockField, Members) ?? type.GetField("<ScriptBlock>k__BackingField", Members);
        }
    }
}
