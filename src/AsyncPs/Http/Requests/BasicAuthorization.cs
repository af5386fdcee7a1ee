using System.Text;

namespace AsyncPs.Http.Requests;

/// <summary>Makes the header of basic authentication from user name and password.</summary>
internal static class BasicAuthorization
{
    /// <summary>The name of the header.</summary>
    public const string HeaderName = "Authorization";

    /// <summary>The value for the user info of a URI.</summary>
    public static string OfUserInfo(string userInfo) => Of(Uri.UnescapeDataString(userInfo));

    /// <summary>The value for a credential.</summary>
    public static string Of(PSCredential credential) => Of($"{credential.UserName}:{credential.GetNetworkCredential().Password}");

    private static string Of(string nameAndPassword) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(nameAndPassword));
}
