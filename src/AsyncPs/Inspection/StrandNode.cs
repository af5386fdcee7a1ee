using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Inspection;

/// <summary>A strand in the graph of waits.</summary>
/// <param name="strand">The strand.</param>
/// <param name="name">Its name in waits of others.</param>
internal sealed class StrandNode(Strand strand, string name)
{
    /// <summary>The strand.</summary>
    public Strand Strand { get; } = strand;

    /// <summary>Its name in waits of others.</summary>
    public string Name { get; } = name;

    /// <summary>What it waits for; null while it runs.</summary>
    public WaitNote? Note { get; set; }

    /// <summary>When the wait times out, or null.</summary>
    public DateTime? Until { get; set; }

    /// <summary>The strands that could end the wait.</summary>
    public List<StrandNode> Holders { get; } = [];

    /// <summary>Whether only the holders could end it.</summary>
    public bool HoldersAreAll { get; set; }

    /// <summary>Whether it needs all of them rather than any.</summary>
    public bool NeedsAll { get; set; }

    /// <summary>Whether the wait can never end.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Whether it waits for itself, directly or through others.</summary>
    public bool IsInCircle { get; set; }
}
