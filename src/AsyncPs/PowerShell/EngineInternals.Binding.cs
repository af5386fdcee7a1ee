using System.Collections;
using System.Reflection;

namespace AsyncPs;

/// <content>What the engine does for each input object before a cmdlet gets it.</content>
internal static partial class EngineInternals
{
    /// <summary>
    /// Removes the parameters without pipeline input from the list of unbound parameters, or is null. For each input object the engine
    /// walks that list up to eight times, so in a cmdlet with 60 parameters, those that it can't bind cost 0.6 to 0.8 µs per object.
    /// </summary>
    /// <remarks>Call it from <see cref="Cmdlet.BeginProcessing"/>, when the command line and the default values have been bound.</remarks>
    public static Action<Cmdlet>? DropUnboundParameters { get; } = CreateDropUnboundParameters();

    /// <summary>Validates a value as the engine does when it binds a parameter, or is null.</summary>
    public static Action<ValidateArgumentsAttribute, object?, EngineIntrinsics>? Validate { get; }
        = typeof(ValidateArgumentsAttribute).GetMethod("InternalValidate", Members, [typeof(object), typeof(EngineIntrinsics)])
            ?.CreateDelegate<Action<ValidateArgumentsAttribute, object?, EngineIntrinsics>>();

    private static Action<Cmdlet>? CreateDropUnboundParameters()
    {
        PropertyInfo? context = typeof(Cmdlet).GetProperty("Context", Members);
        PropertyInfo? running = context?.PropertyType.GetProperty("CurrentCommandProcessor", Members);
        PropertyInfo? command = running?.PropertyType.GetProperty("Command", Members);
        PropertyInfo? binder = typeof(PSObject).Assembly.GetType("System.Management.Automation.CommandProcessor")
            ?.GetProperty("CmdletParameterBinderController", Members);
        PropertyInfo? unbound = binder?.PropertyType.GetProperty("UnboundParameters", Members);
        PropertyInfo? parameter = unbound?.PropertyType is { IsGenericType: true } list
            ? list.GetGenericArguments()[0].GetProperty("Parameter", Members)
            : null;
        PropertyInfo? takesInput = parameter?.PropertyType.GetProperty("IsPipelineParameterInSomeParameterSet", Members);
        if (command is null || takesInput?.PropertyType != typeof(bool) || !typeof(IList).IsAssignableFrom(unbound!.PropertyType))
        {
            return null;
        }

        MethodInvoker toContext = MethodInvoker.Create(context!.GetMethod!);
        MethodInvoker toProcessor = MethodInvoker.Create(running!.GetMethod!);
        MethodInvoker toCommand = MethodInvoker.Create(command.GetMethod!);
        MethodInvoker toBinder = MethodInvoker.Create(binder!.GetMethod!);
        MethodInvoker toUnbound = MethodInvoker.Create(unbound.GetMethod!);
        MethodInvoker toParameter = MethodInvoker.Create(parameter!.GetMethod!);
        MethodInvoker toTakesInput = MethodInvoker.Create(takesInput.GetMethod!);
        return cmdlet =>
        {
            object? processor = toProcessor.Invoke(toContext.Invoke(cmdlet));
            if (!binder.DeclaringType!.IsInstanceOfType(processor) || toCommand.Invoke(processor) != cmdlet)
            {
                return;
            }

            var parameters = (IList)toUnbound.Invoke(toBinder.Invoke(processor))!;
            for (int i = parameters.Count - 1; i >= 0; i--)
            {
                if (!(bool)toTakesInput.Invoke(toParameter.Invoke(parameters[i]))!)
                {
                    parameters.RemoveAt(i);
                }
            }
        };
    }
}
