using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using AsyncPs.Commands;
using AsyncPs.Data.Commands;
using AsyncPs.Messaging.Commands;
using AsyncPs.Tests.Support;
using AsyncPs.Web.Commands;
using Xunit;

namespace AsyncPs.Tests.Packaging;

/// <summary>The manifests list everything that exists. No other test would notice a missing entry.</summary>
public sealed class ManifestTests
{
    public static TheoryData<string, Type> Modules { get; } = new()
    {
        { "AsyncPs.psd1", typeof(InvokeConcurrentCommand) },
        { "AsyncPs.Data/AsyncPs.Data.psd1", typeof(InvokeConcurrentQueryCommand) },
        { "AsyncPs.Messaging/AsyncPs.Messaging.psd1", typeof(ConnectAsyncMessageQueueCommand) },
        { "AsyncPs.Web/AsyncPs.Web.psd1", typeof(StartAsyncServerCommand) },
    };

    [Theory]
    [MemberData(nameof(Modules))]
    public void All_views_are_processed_and_all_cmdlets_are_exported(string manifest, Type cmdlet)
    {
        string path = Path.Combine(Repository.Root, "module", manifest);

        Assert.Equal(
            Directory.GetFiles(
                Path.GetDirectoryName(path)!, "*.ps1xml").Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
            Listed(path, "FormatsToProcess").Order(StringComparer.Ordinal));
        Assert.Equal(
            cmdlet.Assembly.GetExportedTypes().Select(static type => type.GetCustomAttribute<CmdletAttribute>()).OfType<CmdletAttribute>()
                .Select(static one => $"{one.VerbName}-{one.NounName}").Order(StringComparer.Ordinal),
            Listed(path, "CmdletsToExport").Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Listed(string manifest, string key)
    {
        var table = (HashtableAst)Parser.ParseFile(manifest, out _, out _).Find(
            static ast => ast is HashtableAst, searchNestedScriptBlocks: false);
        StatementAst value = table.KeyValuePairs.Single(pair => (string)pair.Item1.SafeGetValue() == key).Item2;
        return ((IEnumerable)((PipelineAst)value).GetPureExpression().SafeGetValue()).Cast<string>();
    }
}
