using System.Management.Automation.Host;

namespace AsyncPs.Concurrency;

/// <summary>
/// The last occasion to tell of a failure that has no stream any more: its pipeline has been stopped, or nobody waits. It is shown past all
/// streams, as a warning on the host of the session that the work comes from.
/// </summary>
internal static class LateWarning
{
    /// <summary>Shows a warning. Any thread.</summary>
    /// <param name="home">The host, or null where warnings are not wanted.</param>
    /// <param name="message">The warning.</param>
    public static void Show(PSHost? home, string message)
    {
        try
        {
            home?.UI?.WriteWarningLine(message);
        }
        catch (Exception)
        {
            // A host that cannot show anything is none.
        }
    }
}
