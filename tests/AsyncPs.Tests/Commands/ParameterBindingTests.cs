using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Xunit;

namespace AsyncPs.Tests.Commands;

/// <summary>For each input object the engine considers only parameters that can take it, and binds as before.</summary>
public sealed class ParameterBindingTests
{
    [Fact]
    public void Only_parameters_that_take_input_are_considered_for_each_object()
        => Assert.Equal(["1 x 2 True: InputObject, Name", "2 x 2 True: InputObject, Name"], Run("1, 2 | Test-Binding x -Other 2"));

    [Fact]
    public void Properties_and_default_values_are_bound_as_before()
        => Assert.Equal(
            ["@{Name=a} a 7 True: InputObject, Name", "@{Name=b} b 7 True: InputObject, Name"],
            Run(
                "$PSDefaultParameterValues = @{ 'Test-Binding:Other' = 7 }; [pscustomobject]@{ Name = 'a' }, "
                    + "[pscustomobject]@{ Name = 'b' } | Test-Binding"));

    [Fact]
    public void A_wrong_object_is_an_error_and_the_next_is_bound()
        => Assert.Equal(["2 x 0 True: InputObject, Name"], Run("$null, 2 | Test-Binding x -ErrorAction SilentlyContinue"));

    [Fact]
    public void Without_input_nothing_changes()
        => Assert.Equal(["5 x 0 False: Other, Switch"], Run("Test-Binding x -InputObject 5 -Drop:$false"));

    private static string[] Run(string script)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("Test-Binding", typeof(BindingCommand), helpFileName: null));
        using PowerShell shell = PowerShell.Create(state);
        return [.. shell.AddScript(script).Invoke<string>()];
    }

    [Cmdlet(VerbsDiagnostic.Test, "Binding")]
    private sealed class BindingCommand : PSCmdlet
    {
        private const BindingFlags Members = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

        [Parameter(Mandatory = true, ValueFromPipeline = true)]
        public object InputObject { get; set; } = null!;

        [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
        public string? Name { get; set; }

        [Parameter]
        public int Other { get; set; }

        [Parameter]
        public SwitchParameter Switch { get; set; }

        [Parameter]
        public SwitchParameter Drop { get; set; } = true;

        protected override void BeginProcessing()
        {
            if (Drop)
            {
                EngineInternals.DropUnboundParameters!(this);
            }
        }

        protected override void ProcessRecord() => WriteObject($"{InputObject} {Name} {Other} {Drop}: {string.Join(", ", Considered())}");

        // The parameters that the engine may still bind, besides those bound to this object, without the common ones.
        private IEnumerable<string> Considered()
        {
            object context = typeof(Cmdlet).GetProperty("Context", Members)!.GetValue(this)!;
            object processor = context.GetType().GetProperty("CurrentCommandProcessor", Members)!.GetValue(context)!;
            object binder = processor.GetType().GetProperty("CmdletParameterBinderController", Members)!.GetValue(processor)!;
            var unbound = (IEnumerable)binder.GetType().GetProperty("UnboundParameters", Members)!.GetValue(binder)!;
            IEnumerable<string> names = unbound
                .Cast<object>()
                .Select(static merged => merged.GetType().GetProperty("Parameter", Members)!.GetValue(merged)!)
                    .Select(static parameter => (string)parameter.GetType().GetProperty("Name", Members)!.GetValue(parameter)!);
            string[] own = [nameof(InputObject), nameof(Name), nameof(Other), nameof(Switch), nameof(Drop)];
            return Drop
                ? names.Concat(own.Take(2)).Distinct().Order(StringComparer.Ordinal)
                : names.Intersect(own).Order(StringComparer.Ordinal);
        }
    }
}
