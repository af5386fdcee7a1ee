using System.Globalization;
using System.Reflection;
using AsyncPs.Data;
using AsyncPs.Data.Drivers;
using AsyncPs.Data.Loading;
using AsyncPs.Data.Queries;
using AsyncPs.Tests.Data.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>SQL Server without a server: connection strings, parameters, errors, and the rows of a bulk load.</summary>
public sealed class SqlServerTests : DataTest
{
    private static readonly IDrivers Drivers = DriverLoader.Current;
    private static readonly Assembly Assembly = Drivers.GetType().Assembly;

    [Fact]
    public async Task A_connection_string_is_completed_and_shows_no_password()
    {
        await using IDatabaseDriver driver = Drivers.OpenSqlServer(new ServerSettings(
            "Server=db.example;Database=shop;User ID=me;Password=secret",
            null,
            null,
            null));
        string settings = driver
            .GetType()
            .GetProperty("Settings", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(driver)!.ToString()!;

        Assert.Equal("db.example/shop", driver.Name);
        Assert.Equal(16, driver.PoolSize);
        Assert.Contains("Max Pool Size=128", settings, StringComparison.Ordinal);
        Assert.Contains("Command Timeout=0", settings, StringComparison.Ordinal);
        Assert.Contains("Application Name=AsyncPs", settings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_takes_the_place_of_what_the_string_says()
    {
        await using IDatabaseDriver driver = Drivers.OpenSqlServer(new ServerSettings(
            "Server=.;Integrated Security=true;Max Pool Size=3;Command Timeout=7",
            "me",
            "secret",
            null));
        string settings = driver
            .GetType()
            .GetProperty("Settings", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(driver)!.ToString()!;

        Assert.Equal(3, driver.PoolSize);
        Assert.DoesNotContain("Integrated", settings, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret", settings, StringComparison.Ordinal);
        Assert.Contains("Command Timeout=7", settings, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-SqlServer 'Nonsense=1'", "ConnectionStringInvalid")]
    [InlineData("-SqlServer 'Server=127.0.0.1,1;Connect Timeout=2;User ID=a;Password=b;ConnectRetryCount=0'", "DatabaseUnavailable")]
    [InlineData("-MySql 'Nonsense=1'", "ConnectionStringInvalid")]
    [InlineData("-MySql 'Server=127.0.0.1;Port=1;User ID=a;Connection Timeout=2'", "DatabaseUnavailable")]
    public async Task What_cannot_be_connected_to_is_one_error(string parameters, string id)
        => Assert.Equal(id, (await Session.FailStatementAsync($"Connect-AsyncDatabase {parameters}")).FullyQualifiedErrorId.Split(',')[0]);

    [Theory]
    [InlineData("int", "7", 7)]
    [InlineData("bigint", "7.0", 7L)]
    [InlineData("bit", "yes", true)]
    [InlineData("float", "1.5e3", 1500.0)]
    [InlineData("nvarchar", "", "")]
    [InlineData("int", "", null)]
    [InlineData("datetime2", "", null)]
    [InlineData("datetime2", "2026-01-02", "2026-01-02")]
    public void Rows_of_a_bulk_load_have_the_types_of_their_columns(string type, string cell, object? stored)
    {
        using var reader = NewReader(type, cell);

        Assert.True(reader.Read());
        Assert.Equal(stored ?? DBNull.Value, reader.GetValue(0));
        Assert.Equal(stored is null, reader.IsDBNull(0));
        Assert.Equal("v", reader.GetName(0));
        Assert.Equal(0, reader.GetOrdinal("V"));
        Assert.False(reader.Read());
    }

    [Theory]
    [InlineData("int", "x")]
    [InlineData("tinyint", "256")]
    [InlineData("int", "1.5")]
    [InlineData("uniqueidentifier", "x")]
    public void A_cell_that_does_not_fit_is_found_before_anything_is_sent(string type, string cell)
    {
        RowException bad = Assert.IsType<RowException>(Assert.Throws<TargetInvocationException>(() => NewReader(
            type,
            "",
            cell)).InnerException);

        Assert.Equal(1, bad.Row);
        Assert.StartsWith($"The column v, which is {type}, does not take '{cell}'.", bad.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1205, 13, true, false, false)]
    [InlineData(18456, 14, false, true, false)]
    [InlineData(40613, 17, true, false, false)]
    [InlineData(233, 20, true, true, false)]
    [InlineData(2627, 14, false, false, false)]
    [InlineData(229, 14, false, false, true)]
    public void Errors_are_what_they_are(int number, int severity, bool isTransient, bool isConnection, bool isOfAll)
    {
        MethodInfo explain = Type("SqlServer.SqlServerFailures")
            .GetMethods()
            .Single(static method => method.Name == "Explain" && method.GetParameters().Length == 4);
        var failure = (DriverFailure)explain.Invoke(null, [number, (byte)severity, "m", null])!;

        Assert.Equal(
            (number.ToString(CultureInfo.InvariantCulture), isTransient, isConnection, isOfAll),
            (failure.Code, failure.IsTransient, failure.IsConnection, failure.IsOfAll));
    }

    [Theory]
    [InlineData("declare @a int = 1, @b nvarchar(10) = @p; select @a, @b, @q", "p q")]
    [InlineData("DECLARE @t table (i int, n nvarchar(9)); insert @t values (@v, 'x @no'); select * from @t", "v")]
    [InlineData("declare @a decimal(10, 2), @b int set @a = @p", "p")]
    [InlineData("select [a@b], @@rowcount, @p from t", "p")]
    [InlineData("select @p", "p")]
    public void Variables_that_a_query_declares_are_not_its_parameters(string query, string names)
        => Assert.Equal(names, string.Join(' ', new QueryText(query, DatabaseKind.SqlServer).Names));

    [Theory]
    [InlineData("select 'it\\'s @no', \"a\\\"@no\", @p # @no", "p")]
    [InlineData("select `a@b`, @p, @@sql_mode", "p")]
    public void Strings_and_comments_of_MySQL_have_no_parameters(string query, string names)
        => Assert.Equal(names, string.Join(' ', new QueryText(query, DatabaseKind.MySql).Names));

    [Fact]
    public void The_network_of_dotnet_is_used_and_the_switch_of_the_process_is_left_as_it_was()
    {
        const string Switch = "Switch.Microsoft.Data.SqlClient.UseManagedNetworkingOnWindows";

        Assert.Equal(true, Type("SqlServer.ManagedNetworking").GetMethod("Use")!.Invoke(null, null));
        Assert.True(!AppContext.TryGetSwitch(Switch, out bool value) || !value);
    }

    private static System.Data.Common.DbDataReader NewReader(string type, params string[] cells)
    {
        var rows = new ImportRows(width: 1);
        foreach (string cell in cells)
        {
            rows.Add(cell)[0] = cell;
        }

        var convert = (Func<object, object?>)Type("SqlServer.SqlServerColumns").GetMethod("Of")!.Invoke(null, [type])!;
        InsertColumn[] columns = [new(new BulkColumn("v", type), "[v]", convert)];
        return (System.Data.Common.DbDataReader)Activator.CreateInstance(Type("ImportReader"), columns, rows, 0, cells.Length)!;
    }

    private static Type Type(string name) => Assembly.GetType("AsyncPs.Data.Drivers." + name, throwOnError: true)!;
}
