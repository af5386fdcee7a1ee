using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging;

/// <summary>Addresses of RabbitMQ, according to its URI specification.</summary>
internal static class RabbitMqAddress
{
    private const string Plain = "amqp";
    private const string Encrypted = "amqps";
    private const int PlainPort = 5672;
    private const int EncryptedPort = 5671;

    /// <summary>Parses the addresses of one cluster.</summary>
    /// <exception cref="ConcurrentArgumentException">One cannot be parsed, or they do not belong together.</exception>
    public static RabbitMqSettings Read(IReadOnlyList<string> addresses)
    {
        Uri[] uris = [.. addresses.Select(Parse)];
        Uri first = uris[0];
        string virtualHost = VirtualHostOf(first);
        if (uris.Any(uri => uri.Scheme != first.Scheme || VirtualHostOf(uri) != virtualHost
            || (uri.UserInfo.Length > 0 && uri.UserInfo != first.UserInfo)))
        {
            throw MessagingErrors.AddressInvalid(
                "Several addresses name the nodes of one cluster, so they have the same scheme, virtual host and user.");
        }

        bool usesTls = first.Scheme == Encrypted;
        string[] user = first.UserInfo.Split(':', 2);
        return new RabbitMqSettings(
            [.. uris.Select(uri => (uri.IdnHost, uri.Port > 0 ? uri.Port : usesTls ? EncryptedPort : PlainPort))],
            virtualHost,
            user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            usesTls,
            SkipsCertificateCheck: false,
            new QueueSettings());
    }

    private static Uri Parse(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not (Plain or Encrypted) || uri.Host.Length == 0)
        {
            throw MessagingErrors.AddressInvalid(
                "Escape special characters in a user name or password, as [Uri]::EscapeDataString does, or use -Credential.");
        }

        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw MessagingErrors.AddressInvalid("It has no parameters after the virtual host.");
        }

        return uri;
    }

    private static string VirtualHostOf(Uri uri) => uri.AbsolutePath.Length <= 1 ? "/" : Uri.UnescapeDataString(uri.AbsolutePath[1..]);
}
