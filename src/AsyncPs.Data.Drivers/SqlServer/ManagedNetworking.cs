using System.Reflection;
using Microsoft.Data.SqlClient;

namespace AsyncPs.Data.Drivers.SqlServer;

/// <summary>
/// Has the driver use the network of .NET on Windows too: its own native library does not come with the module. The switch is one for the
/// whole process, so it is set only until this copy of the driver has read it: another module's driver stays as it is.
/// </summary>
internal static class ManagedNetworking
{
    private const string Switch = "Switch.Microsoft.Data.SqlClient.UseManagedNetworkingOnWindows";
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Whether the driver uses the network of .NET; null when it does not tell.</summary>
    public static bool? Use()
    {
        PropertyInfo? use = typeof(SqlConnection).Assembly.GetType(
            "Microsoft.Data.SqlClient.LocalAppContextSwitches")?.GetProperty("UseManagedNetworking", Any);
        bool wasSet = AppContext.TryGetSwitch(Switch, out bool value);
        AppContext.SetSwitch(Switch, true);
        bool? uses = (bool?)use?.GetValue(null);
        if (uses == true)
        {
            AppContext.SetSwitch(Switch, wasSet && value);
        }

        return uses;
    }
}
