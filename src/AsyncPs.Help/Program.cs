using System.Management.Automation;
using System.Xml.Linq;
using AsyncPs.Help;

try
{
    switch (args)
    {
        case ["topic", string guide, string topic]:
            AboutTopic.Save(guide, topic);
            return 0;
        case [string manifest, string docs, string target]:
            IEnumerable<XElement> commands = ModuleCmdlets
                .Read(manifest)
                .Select(cmdlet => Maml.Command(cmdlet, HelpPage.Read(docs, cmdlet.Name)));
            Maml.Save(commands, target);
            return 0;
        default:
            Console.Error.WriteLine("""
                Usage: asyncps-help <module manifest> <folder of the pages> <help file to write>
                       asyncps-help topic <guide> <about topic to write>
                """);
            return 64;
    }
}
catch (Exception e) when (e is HelpPageException or RuntimeException or IOException)
{
    // In the format of a compiler, so that the build shows it as an error.
    Console.Error.WriteLine($"asyncps-help : error HELP001: {e.Message}");
    return 1;
}
