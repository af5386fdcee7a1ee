using System.Globalization;
using System.Text;

namespace AsyncPs.Tests.Coroutines;

/// <summary>
/// Generates random blocks: nested loops, try, switch and captures, with awaits that complete, fail, are slow or canceled.
/// </summary>
public sealed class RandomBlock
{
    private readonly Random _random;
    private readonly StringBuilder _text = new();
    private int _names;

    private RandomBlock(int seed) => _random = new Random(seed);

    /// <summary>Generates the block of a seed, always the same.</summary>
    public static string Make(int seed)
    {
        var block = new RandomBlock(seed);
        block.Line(0, "$s = 0");
        block.Statements(0, inLoop: false);
        block.Line(0, $"await ({block.Task()})");
        block.Line(0, "\"end $s $?\"");
        return block._text.ToString();
    }

    private void Statements(int depth, bool inLoop)
    {
        for (int count = _random.Next(1, depth > 3 ? 3 : 5); count > 0; count--)
        {
            Statement(depth, inLoop);
        }
    }

    private void Statement(int depth, bool inLoop)
    {
        switch (_random.Next(depth > 4 ? 7 : 16))
        {
            case 0:
                Line(depth, $"\"{_random.Next(100)} $s $_\"");
                break;
            case 1:
                Line(depth, $"await ({Task()})");
                break;
            case 2:
                Line(depth, $"$s += {Number()}");
                break;
            case 3:
                Line(depth, Chance(3) ? $"\"a $({Number()}) b\"; $?" : $"@({Number()}, 1, {Number()}).Count");
                break;
            case 4:
                Line(depth, $"Start-Sleep -Milliseconds {_random.Next(3)}");
                break;
            case 5:
                Line(depth, Leave(inLoop));
                break;
            case 6:
                Line(depth, $"await ({Task()}) | ForEach-Object {{ \"p $_\" }}");
                break;
            case 7:
                Block(depth, inLoop, $"if (({Number()}) -gt {_random.Next(10)})");
                if (Chance(2))
                {
                    Block(depth, inLoop, "else");
                }

                break;
            case 8:
                string i = Name();
                Block(depth, inLoop: true, Chance(4) ? $":l{i} for ({i} = 0; {i} -lt {_random.Next(1, 4)}; {i}++)".Replace(":l$", ":l",
                    StringComparison.Ordinal)
                    : $"for ({i} = 0; {i} -lt (await ([Later]::Value(1, {_random.Next(1, 4)}))); {i}++)");
                break;
            case 9:
                Block(depth, inLoop: true, $"foreach ({Name()} in {(Chance(2) ? "1..2" : $"(await ([Later]::Value(1, @(1, 2, 3))))")})");
                break;
            case 10:
                string w = Name();
                Line(depth, $"{w} = 0");
                Line(depth, "do {");
                Line(depth + 1, $"{w}++");
                Statements(depth + 1, inLoop: true);
                Line(depth, $"}} while ({w} -lt {_random.Next(1, 4)})");
                break;
            case 11:
                Line(depth, $"switch ({(Chance(2) ? "1, 2" : Number())}) {{");
                Block(depth + 1, inLoop: true, "1");
                Block(depth + 1, inLoop: true, "{ $_ -gt 1 }");
                Block(depth + 1, inLoop: true, "default");
                Line(depth, "}");
                break;
            case 12:
                string capture = Name();
                Line(depth, $"{capture} = foreach ({Name()} in 1..2) {{");
                Statements(depth + 1, inLoop: true);
                Line(depth, "}");
                Line(depth, $"\"captured $({capture} -join '+')\"");
                break;
            default:
                Try(depth, inLoop);
                break;
        }
    }

    private void Try(int depth, bool inLoop)
    {
        Block(depth, inLoop, "try");
        bool catches = Chance(3, of: 4);
        if (catches)
        {
            if (Chance(3))
            {
                Block(depth, inLoop, "catch [System.IO.IOException]");
            }

            Line(depth, "catch {");
            Line(depth + 1, "\"caught $($_.Exception.GetType().Name) $_\"");
            Statements(depth + 1, inLoop);
            Line(depth, "}");
        }

        if (!catches || Chance(2))
        {
            // PowerShell does not allow jumps out of a finally block.
            Block(depth, inLoop: false, "finally", leaves: false);
        }
    }

    private void Block(int depth, bool inLoop, string head, bool leaves = true)
    {
        Line(depth, head + " {");
        if (leaves)
        {
            Statements(depth + 1, inLoop);
        }
        else
        {
            Line(depth + 1, $"\"finally $({Number()})\"");
            Line(depth + 1, $"await ({Task()})");
        }

        Line(depth, "}");
    }

    private string Leave(bool inLoop) => _random.Next(8) switch
    {
        0 => $"throw 'thrown {_random.Next(10)}'",
        1 when inLoop => "continue",
        2 when inLoop => "break",
        3 => $"return (await ([Later]::Value(1, 'returned')))",
        4 => $"if ($s -gt {_random.Next(20)}) {{ return 'early' }}",
        5 => "1 / ($s - $s)",
        6 => "Write-Error 'written'",
        _ => $"Write-Warning \"w $({Number()})\"",
    };

    private string Number() => _random.Next(4) switch
    {
        0 => _random.Next(10).ToString(CultureInfo.InvariantCulture),
        1 => $"(await ([Later]::Now({_random.Next(10)})))",
        2 => $"((await ([Later]::Value({_random.Next(3)}, {_random.Next(10)}))) + 1)",
        _ => $"$(if ($s % 2) {{ await ([Later]::Value(1, {_random.Next(10)})) }} else {{ {_random.Next(10)} }})",
    };

    private string Task() => _random.Next(8) switch
    {
        0 => $"[Later]::Fail({_random.Next(3)}, 'failed {_random.Next(10)}')",
        1 => $"[Later]::FailIo({_random.Next(3)}, 'disk {_random.Next(10)}')",
        2 => "[Later]::Nothing(1)",
        3 when Chance(4) => "[Later]::Cancel(1)",
        4 => "[Later]::Now(@(1, 2))",
        _ => $"[Later]::Value({_random.Next(3)}, 'v{_random.Next(10)}')",
    };

    private bool Chance(int n) => _random.Next(n) == 0;

    private bool Chance(int n, int of) => _random.Next(of) < n;

    private string Name() => "$v" + _names++;

    private void Line(int depth, string text) => _text.Append(' ', depth * 2).Append(text).Append('\n');
}
