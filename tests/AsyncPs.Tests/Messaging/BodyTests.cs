using System.Text;
using AsyncPs.Messaging;
using AsyncPs.Messaging.Drivers;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>Bodies and addresses, without a broker.</summary>
public sealed class BodyTests
{
    public static TheoryData<object?, string, string> Bodies { get; } = new()
    {
        { "text", "text/plain", "text" },
        { "", "text/plain", "" },
        { 7, "application/json", "7" },
        { null, "application/json", "null" },
        { true, "application/json", "true" },
        { new[] { 1, 2 }, "application/json", "[1,2]" },
        { new Dictionary<string, object?> { ["a"] = "ü" }, "application/json", "{\"a\":\"ü\"}" },
        { new Version(1, 2), "application/json", "\"1.2\"" },
        { new Order("x", new Order("y", null)), "application/json", "{\"Name\":\"x\",\"Next\":{\"Name\":\"y\",\"Next\":null}}" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void An_object_is_a_body(object? value, string contentType, string body)
    {
        Assert.Equal(body, Encoding.UTF8.GetString(MessageBodies.Write(value, out string written).Span));
        Assert.Equal(contentType, written);
    }

    [Fact]
    public void An_object_that_holds_itself_by_its_properties_is_cut_off()
    {
        var order = new Loop();
        order.Self = order;

        string text = "{\"Self\":{\"Self\":{\"Self\":\"" + typeof(Loop) + "\"}}}";
        Assert.Equal(text, Encoding.UTF8.GetString(MessageBodies.Write(order, out _).Span));
    }

    [Theory]
    [InlineData("[1,\"a\"]", "application/json", BodyFormat.Auto, "1 a")]
    [InlineData("[1]", "application/problem+json; charset=utf-8", BodyFormat.Auto, "1")]
    [InlineData("[1]", "text/plain", BodyFormat.Auto, "[1]")]
    [InlineData("[1]", null, BodyFormat.Auto, "91 49 93")]
    [InlineData("[1]", "text/plain", BodyFormat.Json, "1")]
    [InlineData("[1]", null, BodyFormat.Text, "[1]")]
    [InlineData("[1]", "application/json", BodyFormat.Bytes, "91 49 93")]
    public void A_body_is_an_object(string body, string? contentType, BodyFormat format, string expected)
    {
        object? value = MessageBodies.Read(Encoding.UTF8.GetBytes(body), contentType, format);

        Assert.Equal(expected, value is System.Collections.IEnumerable and not string
            ? string.Join(' ', ((System.Collections.IEnumerable)value).Cast<object>()) : $"{value}");
    }

    [Theory]
    [InlineData("{", BodyFormat.Json)]
    [InlineData("", BodyFormat.Json)]
    public void What_is_not_what_it_should_be_is_said(string body, BodyFormat format)
        => Assert.Throws<FormatException>(() => MessageBodies.Read(Encoding.UTF8.GetBytes(body), null, format));

    [Fact]
    public void Bytes_that_are_no_text_are_said()
        => Assert.Throws<FormatException>(() => MessageBodies.Read([0xff, 0xfe], "text/plain", BodyFormat.Auto));

    [Theory]
    [InlineData("amqp://host", "host", 5672, "/", null, null, false)]
    [InlineData("amqps://host/", "host", 5671, "/", null, null, true)]
    [InlineData("amqp://u:p%40ss@host:1234/a%2Fb", "host", 1234, "a/b", "u", "p@ss", false)]
    [InlineData("amqp://u@[::1]/v", "::1", 5672, "v", "u", null, false)]
    public void Addresses(string address, string host, int port, string virtualHost, string? user, string? password, bool usesTls)
    {
        RabbitMqSettings settings = RabbitMqAddress.Read([address]);

        Assert.Equal([(host, port)], settings.Addresses);
        Assert.Equal((virtualHost, user, password, usesTls),
            (settings.VirtualHost, settings.UserName, settings.Password, settings.UsesTls));
    }

    private sealed record Order(string Name, Order? Next);

    private sealed class Loop
    {
        public Loop? Self { get; set; }
    }
}
