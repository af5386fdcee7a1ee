using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Loads rows in binary form.</summary>
internal static class BinaryCopy
{
    /// <summary>Loads the rows.</summary>
    public static async Task RunAsync(CopyRows copy, string command, CancellationToken cancellationToken)
    {
        var zone = SessionZone.Of(copy.Connection);
        CopyColumns.Writer[] writers = [.. copy.Columns.Select(column => CopyColumns.Of(column.Type, zone))];
        await using NpgsqlBinaryImporter importer = await CopyLoader
            .BeginAsync(() => copy.Connection.BeginBinaryImportAsync(command, cancellationToken))
            .ConfigureAwait(false);
        for (int row = copy.Start; row < copy.End; row++)
        {
            await importer.StartRowAsync(cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < writers.Length; i++)
            {
                object? value = copy.Value(row, i);
                Task written = value is null
                    ? importer.WriteNullAsync(cancellationToken)
                    : Write(copy, writers[i], importer, value, row, i, cancellationToken);
                await written.ConfigureAwait(false);
            }
        }

        await importer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static Task Write(
        CopyRows copy,
        CopyColumns.Writer writer,
        NpgsqlBinaryImporter importer,
        object value,
        int row,
        int column,
        CancellationToken cancellationToken)
    {
        try
        {
            return writer(importer, value, cancellationToken);
        }
        catch (Exception e) when (ColumnValues.IsMisfit(e))
        {
            throw copy.Misfit(row, column, value, e);
        }
    }
}
