using System.Collections;

namespace AsyncPs.Blocks.Capture;

/// <summary>What the caller's parameters say about capturing.</summary>
/// <param name="Automatic">Whether what the blocks name is captured.</param>
/// <param name="Variables">Variables to set, by name.</param>
/// <param name="Functions">Names of functions, filters and aliases to capture.</param>
/// <param name="Modules">Names and paths of modules to import.</param>
internal sealed record CaptureOptions(bool Automatic, IDictionary? Variables, string[] Functions, string[] Modules)
{
    /// <summary>Captures what the blocks name, and nothing more.</summary>
    public static CaptureOptions Default { get; } = new(Automatic: true, Variables: null, Functions: [], Modules: []);
}
