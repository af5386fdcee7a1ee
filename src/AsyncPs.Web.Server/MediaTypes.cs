using Microsoft.AspNetCore.StaticFiles;

namespace AsyncPs.Web.Server;

/// <summary>The media types of files, by file name.</summary>
internal static class MediaTypes
{
    private const string Unknown = "application/octet-stream";

    /// <summary>Maps file names to media types.</summary>
    public static FileExtensionContentTypeProvider Provider { get; } = Create();

    /// <summary>The media type of a file.</summary>
    public static string Of(string name) => Provider.TryGetContentType(name, out string? type) ? type : Unknown;

    // Text defaults to UTF-8, and some types are newer than the framework's list.
    private static FileExtensionContentTypeProvider Create()
    {
        var provider = new FileExtensionContentTypeProvider();
        foreach ((string extension, string type) in provider.Mappings.ToArray())
        {
            if (type.StartsWith("text/", StringComparison.Ordinal))
            {
                provider.Mappings[extension] = type + "; charset=utf-8";
            }
        }

        provider.Mappings[".md"] = "text/markdown; charset=utf-8";
        provider.Mappings[".jsonl"] = "application/jsonl; charset=utf-8";
        return provider;
    }
}
