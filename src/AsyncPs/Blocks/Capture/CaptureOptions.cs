using System.Collections;

namespace AsyncPs.Blocks.Capture;

/// <summary>What the caller said about what blocks see of his session.</summary>
/// <param name="Automatic">Whether what the blocks name is carried.</param>
/// <param name="Variables">Variables to set, by name.</param>
/// <param name="Functions">Names of functions, filters and aliases to carry.</param>
/// <param name="Modules">Names and paths of modules to import.</param>
internal sealed record CaptureOptions(bool Automatic, IDictionary? Variables, string[] Functions, string[] Modules)
{
    /// <summary>What the blocks name is carried, and nothing more.</summary>
    public static CaptureOptions Default { get; } = new(Automatic: true, Variables: null, Functions: [], Modules: []);
}
