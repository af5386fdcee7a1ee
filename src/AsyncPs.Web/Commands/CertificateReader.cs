using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AsyncPs.Web.Commands;

/// <summary>Reads the certificate of a server.</summary>
internal static class CertificateReader
{
    /// <summary>Reads a certificate.</summary>
    /// <param name="command">The cmdlet that was given it.</param>
    /// <param name="given">A certificate, the path of a file, or null.</param>
    /// <param name="password">The password of the file, or null.</param>
    /// <exception cref="ConcurrentArgumentException">It is not a certificate, or has no private key.</exception>
    public static X509Certificate2? Read(PSCmdlet command, object? given, SecureString? password)
    {
        X509Certificate2? certificate = PSObjectExtensions.Unwrap(given) switch
        {
            null => null,
            X509Certificate2 ready => ready,
            string path => ReadFile(command.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path), password),
            FileInfo file => ReadFile(file.FullName, password),
            var other => throw Invalid(
                $"{other.GetType()} is not a certificate. Pass one of Get-PfxCertificate, or the path of a PFX or PEM file.",
                other),
        };
        return certificate is { HasPrivateKey: false }
            ? throw Invalid("the certificate has no private key, which HTTPS needs. Pass a file that has it.", given)
            : certificate;
    }

    private static X509Certificate2 ReadFile(string path, SecureString? password)
    {
        string? text = password is null ? null : new NetworkCredential("", password).Password;
        try
        {
            if (Path.GetExtension(path).ToUpperInvariant() is not (".PEM" or ".CRT" or ".CER"))
            {
                return X509CertificateLoader.LoadPkcs12FromFile(path, text);
            }

            using X509Certificate2 pem = text is null
                ? X509Certificate2.CreateFromPemFile(path)
                : X509Certificate2.CreateFromEncryptedPemFile(path, text);

            // Windows accepts only keys of a key store for TLS.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Invalid($"'{path}' cannot be read: {e.Message}", path);
        }
    }

    private static ConcurrentArgumentException Invalid(string fault, object? target)
        => WebErrors.ArgumentInvalid($"-Certificate: {fault}", "CertificateInvalid", target);
}
