using System.Text;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Loads rows with strings that the server has to parse, in text form.</summary>
internal static class TextCopy
{
    private const int Chunk = 32 * 1024;

    /// <summary>Loads the rows.</summary>
    public static async Task RunAsync(CopyRows copy, string command, CancellationToken cancellationToken)
    {
        var values = new PgText(SessionZone.Of(copy.Connection));
        NpgsqlCopyTextWriter writer = await CopyLoader
            .BeginAsync(() => copy.Connection.BeginTextImportAsync(command, cancellationToken))
            .ConfigureAwait(false);
        try
        {
            var text = new StringBuilder(Chunk);
            for (int row = copy.Start; row < copy.End; row++)
            {
                Append(text, copy, values, row);
                if (text.Length >= Chunk)
                {
                    await writer.WriteAsync(text, cancellationToken).ConfigureAwait(false);
                    text.Clear();
                }
            }

            await writer.WriteAsync(text, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await CancelAsync(writer).ConfigureAwait(false);
            throw;
        }

        await writer.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task CancelAsync(NpgsqlCopyTextWriter writer)
    {
        try
        {
            await writer.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.Explain(e) is not null)
        {
            // The failure has already ended the COPY, or the connection.
        }
    }

    private static void Append(StringBuilder text, CopyRows copy, PgText values, int row)
    {
        for (int i = 0; i < copy.Columns.Count; i++)
        {
            if (i > 0)
            {
                text.Append('\t');
            }

            object? value = copy.Value(row, i);
            try
            {
                Append(text, value is null ? null : values.Of(value, copy.Columns[i].Type));
            }
            catch (Exception e) when (ColumnValues.IsMisfit(e))
            {
                throw copy.Misfit(row, i, value!, e);
            }
        }

        text.Append('\n');
    }

    private static void Append(StringBuilder text, string? value)
    {
        if (value is null)
        {
            text.Append("\\N");
            return;
        }

        int done = 0;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (c is '\\' or '\t' or '\n' or '\r')
            {
                text.Append(value, done, i - done).Append('\\').Append(c switch { '\t' => 't', '\n' => 'n', '\r' => 'r', _ => c });
                done = i + 1;
            }
            else if (char.IsSurrogate(c))
            {
                i += char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])
                    ? 1
                    : throw new FormatException("It has half of a surrogate pair.");
            }
        }

        text.Append(value, done, value.Length - done);
    }
}
