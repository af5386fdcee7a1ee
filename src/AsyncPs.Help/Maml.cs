using System.Management.Automation;
using System.Xml.Linq;

namespace AsyncPs.Help;

/// <summary>Writes the help file for Get-Help from the engine's metadata of a cmdlet and the text of its page.</summary>
internal static class Maml
{
    private static readonly XNamespace Help = "http://msh";
    private static readonly XNamespace Text = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Commands = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Writes the help file.</summary>
    public static void Save(IEnumerable<XElement> commands, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var root = new XElement(
            Help + "helpItems",
            new XAttribute("schema", "maml"),
            new XAttribute(XNamespace.Xmlns + "maml", Text),
            new XAttribute(XNamespace.Xmlns + "command", Commands),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            commands);
        new XDocument(root).Save(path);
    }

    /// <summary>The help of one cmdlet.</summary>
    public static XElement Command(CmdletInfo cmdlet, HelpPage page) => new(
        Commands + "command",
        new XElement(
            Commands + "details",
            new XElement(Commands + "name", cmdlet.Name),
            new XElement(Text + "description", Paragraph(page.Synopsis)),
            new XElement(Commands + "verb", cmdlet.Verb),
            new XElement(Commands + "noun", cmdlet.Noun)),
        new XElement(Text + "description", page.Text("Description").Select(Paragraph)),
        new XElement(
            Commands + "syntax",
            cmdlet.ParameterSets
                .OrderBy(static set => set.Parameters.All(static p => p.Position < 0))
                .Select(set => SyntaxItem(cmdlet, set, page))),
        new XElement(
            Commands + "parameters",
            Parameters(cmdlet).Select(p => Parameter(p.Parameter, p.IsMandatory, p.Position, p.FromPipeline, page))),
        new XElement(Commands + "inputTypes", new XElement(Commands + "inputType", Type(string.Join("\n", page.Text("Inputs"))))),
        new XElement(Commands + "returnValues", new XElement(Commands + "returnValue", Type(string.Join("\n", page.Text("Outputs"))))),
        new XElement(Text + "alertSet", new XElement(Text + "alert", page.Text("Errors").Prepend("Errors:").Select(Paragraph))),
        new XElement(Commands + "examples", page.Examples().Select(Example)),
        new XElement(
            Commands + "relatedLinks",
            new XElement(Text + "navigationLink", new XElement(Text + "linkText", "about_AsyncPs"), new XElement(Text + "uri"))));

    private static IEnumerable<(ParameterMetadata Parameter, bool IsMandatory, int Position, string FromPipeline)> Parameters(
        CmdletInfo cmdlet)
        => from parameter in cmdlet.Parameters.Values
           where IsOwn(parameter.Name)
           orderby parameter.Name
           let sets = parameter.ParameterSets.Values
           select (
               parameter,
               sets.All(static s => s.IsMandatory),
               sets.Max(static s => s.Position),
               Pipeline(sets.Any(static s => s.ValueFromPipeline), sets.Any(static s => s.ValueFromPipelineByPropertyName)));

    private static bool IsOwn(string parameter)
        => !Cmdlet.CommonParameters.Contains(parameter) && !Cmdlet.OptionalCommonParameters.Contains(parameter);

    private static XElement SyntaxItem(CmdletInfo cmdlet, CommandParameterSetInfo set, HelpPage page)
    {
        IEnumerable<CommandParameterInfo> parameters = set.Parameters
            .Where(static p => IsOwn(p.Name))
            .OrderBy(static p => p.Position < 0 ? int.MaxValue : p.Position)
            .ThenBy(static p => !p.IsMandatory)
            .ThenBy(p => page.PlaceOf(p.Name));
        return new XElement(
            Commands + "syntaxItem",
            new XElement(Text + "name", cmdlet.Name),
            parameters.Select(p => Parameter(
                cmdlet.Parameters[p.Name],
                p.IsMandatory,
                p.Position,
                Pipeline(p.ValueFromPipeline, p.ValueFromPipelineByPropertyName),
                page)));
    }

    private static XElement Parameter(ParameterMetadata parameter, bool isMandatory, int position, string fromPipeline, HelpPage page)
    {
        IReadOnlyList<string> said = page.Parameter(parameter.Name);
        string type = TypeName(parameter.ParameterType);
        return new XElement(
            Commands + "parameter",
            new XAttribute("required", isMandatory),
            new XAttribute("variableLength", parameter.ParameterType.IsArray),
            new XAttribute("globbing", false),
            new XAttribute("pipelineInput", fromPipeline),
            new XAttribute("position", position < 0 ? "named" : position.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new XAttribute("aliases", string.Join(", ", parameter.Aliases)),
            new XElement(Text + "name", parameter.Name),
            new XElement(Text + "description", said.Select(Paragraph)),
            Choices(parameter),
            parameter.SwitchParameter
                ? null
                : new XElement(
                    Commands + "parameterValue",
                    new XAttribute("required", true),
                    new XAttribute("variableLength", false),
                    type),
            new XElement(Dev + "type", new XElement(Text + "name", type), new XElement(Text + "uri")),
            new XElement(Dev + "defaultValue", Default(parameter, page)));
    }

    // What the syntax shows in place of a type: {one | another}.
    private static XElement? Choices(ParameterMetadata parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        IEnumerable<string> values = type.IsEnum
            ? Enum.GetNames(type)
            : parameter.Attributes.OfType<ValidateSetAttribute>().SelectMany(static set => set.ValidValues);
        return values.Any()
            ? new XElement(
                Commands + "parameterValueGroup",
                values.Select(static value => new XElement(
                    Commands + "parameterValue",
                    new XAttribute("required", false),
                    new XAttribute("variableLength", false),
                    value)))
            : null;
    }

    private static XElement Example(HelpExample example, int number) => new(
        Commands + "example",
        new XElement(Text + "title", $"----- Example {number + 1}: {example.Title} -----"),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", example.Remarks.Select(Paragraph)));

    private static XElement Type(string name)
        => new(Dev + "type", new XElement(Text + "name", name), new XElement(Text + "uri"), new XElement(Text + "description"));

    private static XElement Paragraph(string text) => new(Text + "para", text);

    private static string Pipeline(bool byValue, bool byPropertyName) => (byValue, byPropertyName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    // The page states it as text: `Default: 5.`
    private static string Default(ParameterMetadata parameter, HelpPage page)
    {
        const string Mark = "Default: ";
        string? last = page.Parameter(parameter.Name).LastOrDefault(static text => text.Contains(Mark, StringComparison.Ordinal));
        return last is not null ? last[(last.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..].TrimEnd('.')
            : parameter.SwitchParameter ? "off"
            : parameter.ParameterSets.Values.All(static set => set.IsMandatory) ? "None"
            : throw page.Missing($"'{Mark}' under '### -{parameter.Name}', which is not required");
    }

    // As PowerShell writes it: types without a short name by their name without the namespace.
    private static string TypeName(Type type) => Nullable.GetUnderlyingType(type) is { } underlying ? TypeName(underlying)
        : type.IsArray ? TypeName(type.GetElementType()!) + "[]"
        : LanguagePrimitives.ConvertTo<string>(type) is var name && name.Contains('.', StringComparison.Ordinal) ? type.Name
        : name;
}
