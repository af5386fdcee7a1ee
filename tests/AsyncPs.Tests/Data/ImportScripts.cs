namespace AsyncPs.Tests.Data;

/// <summary>Tests of Import-ConcurrentData for every database. Each script has <c>$db</c>.</summary>
internal static class ImportScripts
{
    public const string Table = """
        $null = Invoke-ConcurrentQuery $db 'drop table if exists loaded;
            create table loaded (id integer primary key, name text not null, price numeric, note text default ''none'')'
        function New-Row($id, $name = "n$id") { [pscustomobject]@{ ID = $id; Name = $name; price = 1.5 } }
        function Get-State {
            $count = Invoke-ConcurrentQuery $db 'select count(*) from loaded' -Scalar
            "$count/$(Invoke-ConcurrentQuery $db 'select coalesce(sum(id), 0) from loaded' -Scalar)/$($db.InUse)"
        }

        """;

    public const string Good = Table + """
        $summary = 1..2500 | ForEach-Object { New-Row $_ } | Import-ConcurrentData $db loaded -BatchSize 400
        "$($summary.Rows) $($summary.BadRows) $($summary.Table)"
        Get-State
        $row = Invoke-ConcurrentQuery $db 'select * from loaded where id = 7'
        "$($row.name) $($row.price -eq 1.5) $($row.note)"
        @{ id = 3000; name = 'h' }, @{ ID = 3001; Name = 'i' } | Import-ConcurrentData $db -Table loaded -Column id, name |
            ForEach-Object Rows
        """;

    public const string Bad = Table + """
        $rows = @(1..20 | ForEach-Object { New-Row $_ }); $rows[4].Name = $null; $rows[9].ID = 3; $rows[19].Name = $null
        $summary = $rows | Import-ConcurrentData $db loaded -BatchSize 8 -ThrottleLimit 1 -ErrorAction SilentlyContinue -ErrorVariable bad
        "$($summary.Rows) $($summary.BadRows)"
        foreach ($e in $bad) { "$($e.FullyQualifiedErrorId.Split(',')[0]) $($e.Exception.Message.Split(' ')[1]) $($e.TargetObject.ID)" }
        Get-State
        """;

    public const string AllOrNothing = Table + """
        $rows = @(1..20 | ForEach-Object { New-Row $_ }); $rows[14].Name = $null
        try { $rows | Import-ConcurrentData $db loaded -BatchSize 8 -AllOrNothing } catch {
            $first = $_.Exception.ErrorRecords[0]
            "$($_.FullyQualifiedErrorId.Split(',')[0]) $($first.FullyQualifiedErrorId) $($first.Exception.Message.Split(' ')[1])"
        }
        Get-State
        try {
            Use-AsyncResource $db -Transaction { $null = $rows | Import-ConcurrentData $_ loaded -ErrorAction Stop }
        } catch { 'rolled back' }
        Get-State
        $rows[14].Name = 'x'
        ($rows | Import-ConcurrentData $db loaded -BatchSize 8 -AllOrNothing).Rows
        Get-State
        """;

    public const string RetriedInTransaction = Table + """
        $rows = @(1..3 | ForEach-Object { New-Row $_ }); $rows[1].Name = $null
        $again = @{ Count = 0 }
        try {
            Use-AsyncResource $db -Transaction {
                $retry = @{ RetryCount = 2; RetryDelay = '1ms'; RetryOn = { $true }; OnRetry = { $again.Count++ } }
                $null = $rows | Import-ConcurrentData $_ loaded @retry -ErrorAction Stop
            }
        } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
        $again.Count
        Get-State
        """;

    public const string Unreadable = Table + """
        $rows = @(1..5 | ForEach-Object { New-Row $_ })
        $rows[2].psobject.Properties.Remove('Name')
        $rows[2].psobject.Properties.Add([psscriptproperty]::new('Name', { throw 'no name today' }))
        $summary = $rows | Import-ConcurrentData $db loaded -ErrorAction SilentlyContinue -ErrorVariable bad
        "$($summary.Rows) $($summary.BadRows)"
        foreach ($e in $bad) {
            $message = $e.Exception.Message
            "$($e.FullyQualifiedErrorId.Split(',')[0]) $($message.Split(' ')[1]) $($message -like '*no name today*') $($e.TargetObject.ID)"
        }
        Get-State
        """;

    public const string Stopped = Table + """
        & { $i = 0; while ($true) { New-Row (++$i) } } | Import-ConcurrentData $db loaded -BatchSize 100
        """;
}
