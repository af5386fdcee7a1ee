using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace AsyncPs.Shell.Hosting;

/// <summary>Questions to the user. Without a terminal there is nobody to answer: they fail with an error that says so.</summary>
internal sealed partial class ShellUserInterface
{
    private readonly LineEditor _editor = new();

    public override string ReadLine() => Ask(string.Empty);

    public override SecureString ReadLineAsSecureString() => Secure(Ask(string.Empty, mask: '*'));

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        MustBeAbleToAsk(string.Join(", ", descriptions.Select(static field => field.Name)));
        Introduce(caption, message);
        Dictionary<string, PSObject> answers = new(StringComparer.OrdinalIgnoreCase);
        foreach (FieldDescription field in descriptions)
        {
            answers[field.Name] = PSObject.AsPSObject(AskFor(field));
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        MustBeAbleToAsk(message);
        Introduce(caption, message);
        Choice[] options = [.. choices.Select(static choice => Choice.From(choice))];
        string prompt = string.Join("  ", options.Select(static option => $"[{option.Key}] {option.Name}")) + "  [?] Help"
            + (defaultChoice >= 0 ? $" (default is \"{options[defaultChoice].Key}\"): " : ": ");
        while (true)
        {
            string answer = Ask(prompt).Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            if (answer == "?")
            {
                Array.ForEach(options, option => WriteLine($"{option.Key} - {option.Help}"));
            }
            else if (Array.FindIndex(options, option => option.Is(answer)) is var index and >= 0)
            {
                return index;
            }
        }
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        MustBeAbleToAsk(message);
        Introduce(caption, message);
        string user = string.IsNullOrEmpty(userName) ? Ask("User: ") : userName;
        return new PSCredential(user, Secure(Ask($"Password for user {user}: ", mask: '*')));
    }

    private object? AskFor(FieldDescription field)
    {
        Type type = Type.GetType(field.ParameterAssemblyFullName) ?? typeof(string);
        string label = (string.IsNullOrEmpty(field.Label) ? field.Name : field.Label).Replace("&", string.Empty, StringComparison.Ordinal);
        if (type == typeof(SecureString))
        {
            return Secure(Ask($"{label}: ", mask: '*'));
        }

        if (type == typeof(PSCredential))
        {
            return PromptForCredential(string.Empty, string.Empty, string.Empty, string.Empty);
        }

        bool isList = type != typeof(string) && type.IsAssignableTo(typeof(IList));
        return isList ? AskForList(label, type) : AskFor($"{label}: ", type);
    }

    private object? AskForList(string label, Type type)
    {
        List<string> items = [];
        while (Ask($"{label}[{items.Count}]: ") is { Length: > 0 } item)
        {
            items.Add(item);
        }

        return LanguagePrimitives.ConvertTo(items, type, System.Globalization.CultureInfo.CurrentCulture);
    }

    private object? AskFor(string prompt, Type type)
    {
        while (true)
        {
            string answer = Ask(prompt);
            try
            {
                return LanguagePrimitives.ConvertTo(answer, type, System.Globalization.CultureInfo.CurrentCulture);
            }
            catch (PSInvalidCastException e)
            {
                WriteErrorLine(e.Message);
            }
        }
    }

    private void Introduce(params ReadOnlySpan<string> lines)
    {
        foreach (string line in lines)
        {
            if (!string.IsNullOrEmpty(line))
            {
                WriteLine(line);
            }
        }
    }

    private string Ask(string prompt, char? mask = null)
    {
        MustBeAbleToAsk(prompt);
        EndProgress();
        LineInput input = _editor.Read(prompt, mask);
        if (input.Outcome is LineOutcome.Cancelled)
        {
            interruption.Interrupt();
            throw new PipelineStoppedException();
        }

        return input.Outcome is LineOutcome.Entered
            ? input.Text
            : throw new HostException("The question was not answered: standard input has ended.");
    }

    private void MustBeAbleToAsk(string what)
    {
        if (!mayAsk)
        {
            string question = what.Trim() is { Length: > 0 } text ? $" ({text.TrimEnd(':')})" : string.Empty;
            throw new HostException($"There is nobody to ask{question}: the shell is not at a terminal, or was started with -NonInteractive.");
        }
    }

    private static SecureString Secure(string text)
    {
        SecureString secret = new();
        foreach (char c in text)
        {
            secret.AppendChar(c);
        }

        secret.MakeReadOnly();
        return secret;
    }

    /// <summary>A choice: the letter after the ampersand of its label is its key.</summary>
    private readonly record struct Choice(string Key, string Name, string Help)
    {
        internal static Choice From(ChoiceDescription choice)
        {
            int mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
            string name = choice.Label.Replace("&", string.Empty, StringComparison.Ordinal);
            string key = mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label.Substring(mark + 1, 1).ToUpperInvariant() : name;
            return new Choice(key, name, choice.HelpMessage);
        }

        internal bool Is(string answer) =>
            answer.Equals(Key, StringComparison.OrdinalIgnoreCase) || answer.Equals(Name, StringComparison.OrdinalIgnoreCase);
    }
}
