using System.Security;
using System.Text;
using AsyncPs.Web.Binding;
using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Serving;

/// <summary>Reads the credentials of a client.</summary>
internal static class Credentials
{
    private const string KeyHeader = "X-Api-Key";
    private const string Realm = "realm=\"AsyncPs.Web\"";

    /// <summary>Reads the credentials into the request.</summary>
    /// <returns>False if there are none of that scheme.</returns>
    public static bool TryRead(AsyncRequest request, AuthorizationScheme scheme)
    {
        IExchange exchange = request.Exchange;
        if (scheme == AuthorizationScheme.ApiKey)
        {
            request.Token = exchange.Header(KeyHeader) is [{ Length: > 0 } key] ? key : null;
            return request.Token is not null;
        }

        if (exchange.Header("Authorization") is not [var header]
            || header.IndexOf(' ', StringComparison.Ordinal) is var space && space <= 0)
        {
            return false;
        }

        string given = header[(space + 1)..].Trim();
        if (given.Length == 0 || !header[..space].Equals(scheme.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (scheme == AuthorizationScheme.Bearer)
        {
            request.Token = given;
            return true;
        }

        request.Credential = ReadBasic(given);
        return request.Credential is not null;
    }

    /// <summary>The answer that asks for credentials.</summary>
    public static Problem Ask(AuthorizationScheme? scheme) => new(401, "Unauthorized")
    {
        Challenge = scheme switch
        {
            AuthorizationScheme.Basic => $"Basic {Realm}, charset=\"UTF-8\"",
            AuthorizationScheme.Bearer => $"Bearer {Realm}",
            AuthorizationScheme.ApiKey => $"ApiKey {Realm}",
            _ => null,
        },
    };

    private static PSCredential? ReadBasic(string given)
    {
        byte[] bytes = new byte[given.Length];
        if (!Convert.TryFromBase64String(given, bytes, out int count))
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(bytes, 0, count);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
        {
            return null;
        }

        var password = new SecureString();
        foreach (char c in text.AsSpan(colon + 1))
        {
            password.AppendChar(c);
        }

        password.MakeReadOnly();
        return new PSCredential(text[..colon], password);
    }
}
