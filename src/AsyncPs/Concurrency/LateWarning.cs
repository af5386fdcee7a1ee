using System.Management.Automation.Host;

namespace AsyncPs.Concurrency;

/// <summary>
/// Reports a failure that no longer has a stream, because its pipeline was stopped or nothing waits for it. It is shown as a warning on
/// the host of the session that the work comes from.
/// </summary>
internal static class LateWarning
{
    /// <summary>Shows a warning. Any thread.</summary>
    /// <param name="home">The host, or null if warnings are not wanted.</param>
    /// <param name="message">The warning.</param>
    public static void Show(PSHost? home, string message)
    {
        try
        {
            home?.UI?.WriteWarningLine(message);
        }
        catch (Exception)
        {
            // A host that cannot show anything counts as no host.
        }
    }
}
