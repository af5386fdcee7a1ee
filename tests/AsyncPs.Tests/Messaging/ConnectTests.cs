using System.Management.Automation;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>Errors of connecting name the remedy, and never a password.</summary>
public sealed class ConnectTests(RabbitMqBroker broker) : MessagingTest(broker)
{
    [Theory]
    [InlineData("amqp://127.0.0.1:1", "", "MessageBrokerUnavailable", "Start it")]
    [InlineData("amqp://no-such-host.invalid", "", "MessageBrokerUnavailable", "no such host")]
    [InlineData("amqp://guest:wrong-s3cret@HOST", "", "MessageLoginFailed", "-Credential")]
    [InlineData("amqp://HOST/nowhere", "", "MessageVirtualHostNotFound", "'nowhere'")]
    [InlineData("amqp://limited:s3cret-of-limited@HOST", "", "MessageAccessDenied", "set_permissions")]
    [InlineData("amqp://HOST", "-Existing", "MessageQueueNotFound", "-Existing")]
    [InlineData("amqps://HOST", "", "MessageBrokerUnavailable", "amqps")]
    [InlineData("amqps://TLS", "", "MessageCertificateNotTrusted", "-SkipCertificateCheck")]
    public async Task What_is_wrong_and_what_to_do(string address, string parameters, string id, string remedy)
    {
        Session.Set("address", Local(address));
        ErrorRecord error = await Session.FailStatementAsync($"Connect-AsyncMessageQueue $address -Queue $name {parameters}");

        Assert.StartsWith(id, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Exception.Message, StringComparison.Ordinal);
        for (Exception? e = error.Exception; e is not null; e = e.InnerException)
        {
            Assert.DoesNotContain("s3cret", e.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("-Quorum")]
    [InlineData("-Durable:$false")]
    [InlineData("-MaxPriority 3")]
    public async Task A_queue_that_was_made_otherwise_is_taken_as_it_is_only_when_that_is_said(string parameters)
    {
        await RunAsync(Mq + "1 | Write-AsyncQueue $mq");
        ErrorRecord error = await Session.FailStatementAsync($"Connect-AsyncMessageQueue $broker -Queue $name {parameters}");

        Assert.StartsWith("MessageQueueDiffers", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-Existing", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("1", await TextAsync("$existing = Connect-AsyncMessageQueue $broker -Queue $name -Existing; Read-AsyncQueue "
            + "$existing -NoWait"));
    }

    [Theory]
    [InlineData("http://localhost -Queue a", "MessageQueueAddressInvalid")]
    [InlineData("amqp://u:p@ss@[x -Queue a", "MessageQueueAddressInvalid")]
    [InlineData("amqp://localhost?heartbeat=5 -Queue a", "MessageQueueAddressInvalid")]
    [InlineData("amqp://a/x, amqp://b/y -Queue a", "MessageQueueAddressInvalid")]
    [InlineData("amqp://localhost", "MessageQueueArgumentInvalid")]
    [InlineData("amqp://localhost -Queue a -Topic b", "MessageQueueArgumentInvalid")]
    [InlineData("amqp://localhost -Exchange a -ExchangeKind Direct -Topic 'b.*'", "MessageQueueArgumentInvalid")]
    [InlineData("amqp://localhost -Queue a -Quorum -MaxPriority 3", "MessageQueueArgumentInvalid")]
    [InlineData("amqp://localhost -Queue a -Quorum -Durable:$false", "MessageQueueArgumentInvalid")]
    [InlineData("amqp://localhost -Exchange a -RetryDelay 3", "MessageQueueArgumentInvalid")]
    [InlineData("amqp://localhost -Queue a -Existing -Quorum", "MessageQueueArgumentInvalid")]
    public async Task Arguments_are_refused_before_anything_starts(string arguments, string id)
        => Assert.StartsWith(
            id,
            (await Session.FailStatementAsync("Connect-AsyncMessageQueue " + arguments)).FullyQualifiedErrorId,
            StringComparison.Ordinal);

    [Fact]
    public async Task Nothing_shows_a_password()
        => Assert.DoesNotContain(RabbitMqNode.LimitedPassword, await TextAsync($$"""
            $address = $broker -replace '//', '//{{RabbitMqNode.LimitedUser}}:{{RabbitMqNode.LimitedPassword}}@'
            $mq = Connect-AsyncMessageQueue $address -Queue "mine-$name" -DeadLetter:$false
            $mq | Format-List * | Out-String
            $mq | Format-Table | Out-String
            "$mq"
            """), StringComparison.Ordinal);

    [Fact]
    public async Task Credentials_clusters_virtual_hosts_and_certificates_that_nobody_checks()
        => Assert.Equal("1 2 3 4", await TextAsync($$"""
            $password = ConvertTo-SecureString '{{RabbitMqNode.LimitedPassword}}' -AsPlainText
            $credential = [pscredential]::new('{{RabbitMqNode.LimitedUser}}', $password)
            $a = Connect-AsyncMessageQueue $broker -Queue "mine-$name" -Credential $credential -Existing:$false -DeadLetter:$false
            $a.Name -eq "mine-$name" ? 1 : 0
            $b = Connect-AsyncMessageQueue amqp://127.0.0.1:1, $broker -Queue $name
            $b.IsConnected ? 2 : 0
            $c = Connect-AsyncMessageQueue "$broker/second" -Queue $name
            $c.Broker.EndsWith('/second') ? 3 : 0
            $d = Connect-AsyncMessageQueue ('amqps://127.0.0.1:{{Broker.Node.TlsPort}}') -Queue $name -SkipCertificateCheck
            $d.IsConnected ? 4 : 0
            """));

    [Fact]
    public async Task An_exchange_without_topics_cannot_be_read()
        => Assert.StartsWith(
            "MessageQueueWriteOnly",
            (await Session.FailStatementAsync("$mq = Connect-AsyncMessageQueue $broker -Exchange $name; Read-AsyncQueue "
                + "$mq")).FullyQualifiedErrorId,
            StringComparison.Ordinal);

    [Fact]
    public async Task A_topic_is_for_an_exchange()
        => Assert.StartsWith("MessageQueueArgumentInvalid", (await Session.FailStatementAsync(Mq + "1 | Write-AsyncQueue $mq -Topic "
            + "a")).FullyQualifiedErrorId, StringComparison.Ordinal);

    [Fact]
    public async Task The_client_comes_with_the_first_queue_into_a_context_of_its_own_and_removing_the_module_closes_its_queues()
    {
        Assert.Equal(["AsyncPs.Messaging.dll"], Directory.GetFiles(BuiltModule.MessagingFolder, "*.dll").Select(Path.GetFileName));
        ChildResult result = await ChildProcess.RunPowerShellAsync("-Command", $$"""
            Import-Module AsyncPs, AsyncPs.Messaging
            function Get-Client {
                $loaded = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'RabbitMQ.Client' }
                ($loaded | ForEach-Object { [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name }) -join ','
            }
            "<$(Get-Client)>"
            $mq = Connect-AsyncMessageQueue {{Broker.Node.Address}} -Queue {{Name}}
            "<$(Get-Client)> $($mq.IsConnected)"
            Start-ThreadJob { Import-Module AsyncPs, AsyncPs.Messaging } | Receive-Job -Wait -AutoRemoveJob
            Remove-Module AsyncPs.Messaging
            $mq.IsConnected
            """);

        Assert.Equal("<>\n<AsyncPs.Messaging dependencies> True\nFalse\n", result.Output);
    }

    private string Local(string address) => address
        .Replace("HOST", $"127.0.0.1:{Broker.Node.Port}", StringComparison.Ordinal)
        .Replace("TLS", $"127.0.0.1:{Broker.Node.TlsPort}", StringComparison.Ordinal);
}
