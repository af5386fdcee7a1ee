using System.Collections;
using System.Text;
using AsyncPs.Http.Json;

namespace AsyncPs.Http.Requests;

/// <summary>Parses headers, and merges headers from several sources.</summary>
internal static class HeaderList
{
    /// <summary>Parses headers: fields, JSON, or one header per line.</summary>
    /// <exception cref="FormatException">A header can't be sent.</exception>
    public static List<Header> Parse(object? value)
    {
        var headers = new List<Header>();
        if (RequestTemplate.AsFields(value) is { } fields)
        {
            foreach (DictionaryEntry field in fields)
            {
                Add(headers, ArgumentText.Of(field.Key)!, field.Value);
            }
        }
        else if (value is PSObject { BaseObject: PSCustomObject } rich)
        {
            foreach (PSPropertyInfo property in rich.Properties)
            {
                Add(headers, property.Name, property.Value);
            }
        }
        else if (ArgumentText.Of(value) is { Length: > 0 } text)
        {
            return text.TrimStart().StartsWith('{') ? Parse(JsonObjects.Parse(Encoding.UTF8.GetBytes(text)).Value) : ParseLines(text);
        }

        return headers;
    }

    /// <summary>The value of the first header of a name, or null.</summary>
    public static string? Find(IEnumerable<Header> headers, string name) => headers.FirstOrDefault(h => h.Is(name)).Value;

    /// <summary>Adds the headers whose names are missing: of several sources, the first one with a name wins.</summary>
    public static void AddNew(List<Header> headers, IEnumerable<Header> more)
    {
        Header[] added = [.. more.Where(m => !headers.Exists(h => h.Is(m.Name)))];
        headers.AddRange(added);
    }

    private static List<Header> ParseLines(string text)
    {
        var headers = new List<Header>();
        foreach (string line in text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                throw new FormatException("Headers are written as 'Name: value', one on each line, or all of them as JSON.");
            }

            Add(headers, line[..colon].Trim(), line[(colon + 1)..].Trim());
        }

        return headers;
    }

    private static void Add(List<Header> headers, string name, object? value)
    {
        if (PSObjectExtensions.UnwrapUnlessCustom(value) is IEnumerable several and not string and not IDictionary)
        {
            foreach (object? one in several)
            {
                Add(headers, name, one);
            }

            return;
        }

        var header = new Header(name, ArgumentText.Of(value) ?? "");
        if (!header.Is(Header.ContentLength))
        {
            headers.Add(header);
        }
    }
}
