using System.Text;

namespace AsyncPs.Data.Queries;

/// <summary>An SQL text and its parameters, written <c>@name</c>. Strings, quoted names and comments contain none.</summary>
internal sealed class QueryText
{
    private readonly List<(int Start, int Length, int Name)> _places = [];
    private readonly List<string> _names = [];
    private readonly string _text;
    private readonly DatabaseKind _kind;
    private readonly HashSet<string> _declared = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Parses a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kind">The kind of database: each has its own quotes, comments, operators and variables.</param>
    public QueryText(string text, DatabaseKind kind)
    {
        _text = text;
        _kind = kind;
        if (kind == DatabaseKind.SqlServer)
        {
            _declared.UnionWith(DeclaredVariables.Find(text));
        }

        Scan();
    }

    /// <summary>The names of the parameters, each once, ignoring letter case.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Whether it has several statements.</summary>
    public bool HasSeveral { get; private set; }

    /// <summary>The original text.</summary>
    public override string ToString() => _text;

    /// <summary>The text with `$1`, `$2` and so on, in the order of <see cref="Names"/>.</summary>
    public string WithPositions()
    {
        var text = new StringBuilder(_text.Length);
        int done = 0;
        foreach ((int start, int length, int name) in _places)
        {
            text.Append(_text, done, start - done).Append('$').Append(name + 1);
            done = start + length;
        }

        return text.Append(_text, done, _text.Length - done).ToString();
    }

    private void Scan()
    {
        bool ended = false;
        for (int i = 0; i < _text.Length;)
        {
            int next = Skip(i);
            if (next > i)
            {
                HasSeveral |= ended && !IsComment(i);
                i = next;
                continue;
            }

            if (_text[i] == ';')
            {
                ended = true;
            }
            else if (ended && !char.IsWhiteSpace(_text[i]))
            {
                HasSeveral = true;
            }

            i = _text[i] == '@' && IsName(i + 1) && !IsOperator(i) ? AddParameter(i) : i + 1;
        }
    }

    // The position after a string, a quoted name or a comment that begins here; otherwise the same position.
    private int Skip(int i) => _text[i] switch
    {
        '\''
            => PastQuoted(
                i,
                '\'',
                backslashes: _kind == DatabaseKind.MySql || (i > 0 && _text[i - 1] is 'e' or 'E' && (i == 1 || !IsWord(_text[i - 2])))),
        '"' => PastQuoted(i, '"', backslashes: _kind == DatabaseKind.MySql),
        '`' => PastQuoted(i, '`', backslashes: false),
        '[' when _kind == DatabaseKind.SqlServer => PastQuoted(i, ']', backslashes: false),
        '#' when _kind == DatabaseKind.MySql => PastLine(i),
        '-' when At(i + 1) == '-' => PastLine(i),
        '/' when At(i + 1) == '*' => PastComment(i),
        '$' when _kind is not (DatabaseKind.MySql or DatabaseKind.SqlServer) && (i == 0 || !IsWord(_text[i - 1])) => PastDollarQuoted(i),
        _ => i,
    };

    // Whether a skipped part is a comment, which does not belong to a statement.
    private bool IsComment(int start) => _text[start] is '-' or '/' or '#';

    private int PastQuoted(int i, char quote, bool backslashes)
    {
        for (i++; i < _text.Length; i++)
        {
            if (_text[i] == '\\' && backslashes)
            {
                i++;
            }
            else if (_text[i] == quote)
            {
                if (At(i + 1) != quote)
                {
                    return i + 1;
                }

                i++;
            }
        }

        return _text.Length;
    }

    private int PastLine(int i)
    {
        int end = _text.IndexOf('\n', i);
        return end < 0 ? _text.Length : end + 1;
    }

    // Comments nest in PostgreSQL. Elsewhere, `/*` in a comment is as rare as it is confusing.
    private int PastComment(int i)
    {
        int depth = 0;
        while (i < _text.Length)
        {
            if (_text[i] == '/' && At(i + 1) == '*')
            {
                depth++;
                i += 2;
            }
            else if (_text[i] == '*' && At(i + 1) == '/')
            {
                depth--;
                i += 2;
                if (depth == 0)
                {
                    return i;
                }
            }
            else
            {
                i++;
            }
        }

        return _text.Length;
    }

    private int PastDollarQuoted(int i)
    {
        int end = i + 1;
        while (end < _text.Length && IsWord(_text[end]))
        {
            end++;
        }

        if (At(end) != '$' || char.IsAsciiDigit(At(i + 1)))
        {
            return i;
        }

        string quote = _text[i..(end + 1)];
        int close = _text.IndexOf(quote, end + 1, StringComparison.Ordinal);
        return close < 0 ? _text.Length : close + quote.Length;
    }

    private int AddParameter(int i)
    {
        int end = i + 1;
        while (end < _text.Length && IsWord(_text[end]))
        {
            end++;
        }

        string name = _text[(i + 1)..end];
        if (_declared.Contains(name))
        {
            return end;
        }

        int known = _names.FindIndex(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (known < 0)
        {
            known = _names.Count;
            _names.Add(name);
        }

        _places.Add((i, end - i, known));
        return end;
    }

    // `@@` is an operator, or begins the name of a server variable.
    private bool IsOperator(int i) => i > 0 && (_text[i - 1] == '@' || (_kind == DatabaseKind.PostgreSql && _text[i - 1] is ('<' or '~')));

    private bool IsName(int i) => i < _text.Length && (char.IsLetter(_text[i]) || _text[i] == '_');

    private char At(int i) => i < _text.Length ? _text[i] : '\0';

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';
}
