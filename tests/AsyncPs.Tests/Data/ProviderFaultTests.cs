using System.Management.Automation;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;
using AsyncPs.Tests.Data.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>ADO.NET providers that fail unexpectedly.</summary>
public sealed class ProviderFaultTests : DataTest
{
    [Theory]
    [InlineData("-Provider $provider -ConnectionString 'postgres://me:s3cret@host/shop?sslmode=require'")]
    [InlineData("-Provider $provider.CreateDataSource('postgres://me:s3cret@host/shop?sslmode=require')")]
    public async Task A_connection_string_that_is_read_late_is_not_shown_either(string arguments)
    {
        Session.Set("provider", new FaultyProvider());

        ErrorRecord error = await Session.FailAsync($"try {{ Connect-AsyncDatabase {arguments} }} catch {{ throw }}");

        Assert.Equal("ConnectionStringInvalid", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.DoesNotContain("s3cret", error.ToString() + error.Exception, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_source_of_the_users_own_is_not_disposed()
    {
        await using var source = new WatchedSource();
        Session.Set("source", source);

        await Session.FailStatementAsync("Connect-AsyncDatabase -Provider $source");

        Assert.False(source.IsDisposed);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_closed_leaves_its_place_to_others()
    {
        await using var driver = new AdoDriver(new FaultyProvider().CreateDataSource(""), "faulty", poolSize: 1, ownsSource: true);
        await using var pool = new ConnectionPool(driver);
        for (int i = 0; i < 2; i++)
        {
            ConnectionLease lease = await pool
                .LeaseAsync(this, strand: null, TestContext.Current.CancellationToken)
                .AsTask()
                .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            lease.IsHealthy = false;
            await Assert.ThrowsAsync<FaultyProviderException>(() => lease.DisposeAsync().AsTask());
        }

        Assert.Equal(0, pool.InUse);
        Assert.Equal(0, pool.Open);
    }

    [Theory]
    [InlineData("42501", true)]
    [InlineData("42P01", true)]
    [InlineData("42S22", true)]
    [InlineData("25006", true)]
    [InlineData("42804", false)]
    [InlineData("42000", false)]
    [InlineData("23505", false)]
    [InlineData("4", false)]
    [InlineData(null, false)]
    public async Task What_is_the_same_for_all_rows_is_told_by_its_state(string? state, bool isOfAll)
    {
        await using var driver = new AdoDriver(new FaultyProvider().CreateDataSource(""), "faulty", poolSize: 1, ownsSource: true);

        Assert.Equal(isOfAll, driver.Explain(new FaultyProviderException(state))!.Value.IsOfAll);
    }

    [Fact]
    public async Task A_command_that_cannot_be_canceled_runs_to_its_end()
    {
        await using var driver = new AdoDriver(new FaultyProvider().CreateDataSource(""), "faulty", poolSize: 1, ownsSource: true);
        await using var command = new FaultyCommand();

        driver.Cancel(command);
    }
}
