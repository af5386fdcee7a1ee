using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Inspection;

/// <summary>A strand in the picture of who waits for whom.</summary>
/// <param name="strand">The strand.</param>
/// <param name="name">How others name it.</param>
internal sealed class StrandNode(Strand strand, string name)
{
    /// <summary>The strand.</summary>
    public Strand Strand { get; } = strand;

    /// <summary>How others name it.</summary>
    public string Name { get; } = name;

    /// <summary>What it waits for; null while it runs.</summary>
    public WaitNote? Note { get; set; }

    /// <summary>When the wait ends by itself, or null.</summary>
    public DateTime? Until { get; set; }

    /// <summary>Those that could end the wait.</summary>
    public List<StrandNode> Holders { get; } = [];

    /// <summary>Whether nobody but the holders could end it.</summary>
    public bool HoldersAreAll { get; set; }

    /// <summary>Whether it takes all of them, not any.</summary>
    public bool NeedsAll { get; set; }

    /// <summary>Whether the wait can never end.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Whether it waits, through others, for itself.</summary>
    public bool IsInCircle { get; set; }
}
