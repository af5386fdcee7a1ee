using System.Management.Automation.Host;

namespace AsyncPs.Concurrency;

/// <summary>A call of a block to its host, such as to show a text. The caller's host gets it, on the pipeline thread.</summary>
/// <param name="Do">Makes the call.</param>
/// <param name="Text">The text in the form of an information record, for use without a host; null if the call shows no text.</param>
internal sealed record HostText(Action<PSHostUserInterface> Do, HostInformationMessage? Text)
{
    // PowerShell shows a record with this tag when it is received.
    private const string ShownTag = "PSHOST";

    /// <summary>A record that shows the text when it is received; null without a text.</summary>
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
