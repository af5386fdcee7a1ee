using System.Management.Automation;
using System.Xml.Linq;
using AsyncPs.Help;

// asyncps-help <manifest> <folder of pages> <help file>
if (args is not [string manifest, string docs, string target])
{
    Console.Error.WriteLine("Usage: asyncps-help <module manifest> <folder of the pages> <help file to write>");
    return 64;
}

try
{
    IEnumerable<XElement> commands = ModuleCmdlets.Read(manifest).Select(cmdlet => Maml.Command(cmdlet, HelpPage.Read(docs, cmdlet.Name)));
    Maml.Save(commands, target);
    return 0;
}
catch (Exception e) when (e is HelpPageException or RuntimeException or IOException)
{
    // As a compiler says it, so that the build shows it as an error.
    Console.Error.WriteLine($"asyncps-help : error HELP001: {e.Message}");
    return 1;
}
