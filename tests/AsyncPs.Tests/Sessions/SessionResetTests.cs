using System.Management.Automation.Runspaces;
using Xunit;

namespace AsyncPs.Tests.Sessions;

/// <summary>The reset of a worker's session.</summary>
public sealed class SessionResetTests
{
    // PowerShell closes all sessions at the end of the process, and fails fast if one is in a call of its proxy.
    [Fact]
    public async Task Uses_no_proxy_of_the_session_so_that_PowerShell_can_close_it_at_any_moment()
    {
        using Runspace session = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        session.Open();
        bool ended = false;
        Task proxy = Task.Run(
            () =>
            {
                while (!Volatile.Read(ref ended))
                {
                    _ = session.SessionStateProxy.Path;
                }
            },
            TestContext.Current.CancellationToken);

        for (int i = 0; i < 2000 && !proxy.IsCompleted; i++)
        {
            EngineInternals.ResetAllButLocation(session);
        }

        Volatile.Write(ref ended, true);
        await proxy;
        Assert.Equal(session.SessionStateProxy.Path.CurrentLocation.Path, session.SessionStateProxy.GetVariable("PWD")?.ToString());
    }
}
