using System.Management.Automation.Host;

namespace AsyncPs.Concurrency;

/// <summary>
/// Something that a block has the host do, such as to show a text. It is done by the caller's host, on the pipeline thread.
/// </summary>
/// <param name="Do">Has the host do it.</param>
/// <param name="Text">The text, as an information record has it where there is no host; null if it is none.</param>
internal sealed record HostText(Action<PSHostUserInterface> Do, HostInformationMessage? Text)
{
    // With it the record is shown when it is received.
    private const string ShownTag = "PSHOST";

    /// <summary>A record that shows the text when it is received, or null.</summary>
    /// <param name="source">Where it comes from.</param>
    public InformationRecord? ToInformation(string source)
    {
        if (Text is null)
        {
            return null;
        }

        var record = new InformationRecord(Text, source);
        record.Tags.Add(ShownTag);
        return record;
    }
}
