using System.Reflection;
using Microsoft.Data.SqlClient;

namespace AsyncPs.Data.Drivers.SqlServer;

/// <summary>
/// Makes the driver use the network of .NET on Windows too, because its native library does not ship with the module. The switch applies
/// to the whole process, so it is set only until this copy of the driver has read it, and does not affect another module's driver.
/// </summary>
internal static class ManagedNetworking
{
    private const string Switch = "Switch.Microsoft.Data.SqlClient.UseManagedNetworkingOnWindows";
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Whether the driver uses the network of .NET; null if it does not tell.</summary>
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
