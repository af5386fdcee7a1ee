using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>What the end of the module in its last session closes.</summary>
public sealed class ModuleEndTests
{
    [Fact]
    public async Task The_last_session_that_removes_the_module_closes_its_databases_whatever_other_sessions_have_ended()
    {
        ChildResult result = await ChildProcess.RunPowerShellAsync("-Command", """
            Import-Module AsyncPs, AsyncPs.Data
            $database = Connect-AsyncDatabase -Sqlite :memory:
            Start-ThreadJob { Import-Module AsyncPs, AsyncPs.Data } | Receive-Job -Wait -AutoRemoveJob
            1 | Invoke-Concurrent { Import-Module AsyncPs.Data }
            $database.IsClosed
            Remove-Module AsyncPs.Data
            $database.IsClosed
            """);

        Assert.Equal("False\nTrue\n", result.Output);
    }
}
