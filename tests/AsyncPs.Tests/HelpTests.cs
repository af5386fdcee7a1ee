using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>Get-Help says about every cmdlet what its page does.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("AsyncPs")]
    [InlineData("AsyncPs.Data")]
    public void Every_cmdlet_has_a_synopsis_a_description_inputs_outputs_errors_and_three_examples_and_every_parameter_is_described(string module)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([ModuleSession.Manifest, ModuleSession.DataManifest]);
        using Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        using PowerShell shell = PowerShell.Create(runspace);
        CmdletInfo[] cmdlets = [.. shell.AddCommand("Get-Command").AddParameter("Module", module).AddParameter("CommandType", "Cmdlet").Invoke<CmdletInfo>()];
        Assert.NotEmpty(cmdlets);

        foreach (CmdletInfo cmdlet in cmdlets)
        {
            shell.Commands.Clear();
            PSObject help = Assert.Single(shell.AddCommand("Get-Help").AddParameter("Name", cmdlet.Name).AddParameter("Full").Invoke());

            Assert.DoesNotContain(cmdlet.Name + " [", Text(help, "Synopsis"), StringComparison.Ordinal);
            Assert.False(string.IsNullOrWhiteSpace(Text(help, "Synopsis")), $"{cmdlet.Name} has no synopsis");
            Assert.NotEmpty(Many(help, "description"));
            Assert.True(Many(Property(help, "examples"), "example").Count >= 3, $"{cmdlet.Name} has fewer than three examples");
            Assert.True(Says(Property(help, "inputTypes"), "inputType", "type", "name"), $"{cmdlet.Name} does not say what its input is");
            Assert.True(Says(Property(help, "returnValues"), "returnValue", "type", "name"), $"{cmdlet.Name} does not say what its output is");
            Assert.True(Many(Property(help, "alertSet"), "alert").Count > 1, $"{cmdlet.Name} does not say what its errors are");
            foreach (PSObject parameter in Many(Property(help, "parameters"), "parameter"))
            {
                Assert.True(Many(parameter, "description").Count > 0, $"{cmdlet.Name} -{Text(parameter, "name")} is not described");
            }
        }
    }

    private static bool Says(PSObject parent, params string[] path)
    {
        PSObject? place = path[..^1].Aggregate((PSObject?)parent, static (at, name) => at is null ? null : Many(at, name).FirstOrDefault());
        return place is not null && !string.IsNullOrWhiteSpace(Text(place, path[^1]));
    }

    private static PSObject Property(PSObject parent, string name) => (PSObject)parent.Properties[name].Value;

    private static string Text(PSObject parent, string name) => parent.Properties[name].Value?.ToString() ?? string.Empty;

    private static List<PSObject> Many(PSObject parent, string name) => parent.Properties[name]?.Value switch
    {
        null => [],
        PSObject { BaseObject: IEnumerable and not string } many => [.. ((IEnumerable)many.BaseObject).Cast<PSObject>()],
        PSObject one => [one],
        IEnumerable many => [.. many.Cast<object>().Select(PSObject.AsPSObject)],
        object other => [PSObject.AsPSObject(other)],
    };
}
