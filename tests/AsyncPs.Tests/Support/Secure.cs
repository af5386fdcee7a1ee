using System.Management.Automation;
using System.Net;
using System.Security;

namespace AsyncPs.Tests.Support;

/// <summary>Secrets as PowerShell has them.</summary>
public static class Secure
{
    public static SecureString Text(string text) => new NetworkCredential("", text).SecurePassword;

    public static PSCredential Credential(string user, string password) => new(user, Text(password));
}
