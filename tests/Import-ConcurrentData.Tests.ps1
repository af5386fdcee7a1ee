#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs", "$PSScriptRoot/../output/AsyncPs.Data" -Force
}

Describe 'Import-ConcurrentData' {
    BeforeEach {
        $db = Connect-AsyncDatabase -Sqlite :memory:
        $null = Invoke-ConcurrentQuery $db 'create table item (id integer primary key, name text not null)'
    }

    AfterEach {
        $db.Dispose()
    }

    It 'loads the rows of a file and says how many' {
        $summary = "id,name`n1,one`n2,two" | ConvertFrom-Csv | Import-ConcurrentData $db item
        $summary.Rows, $summary.BadRows, $summary.Table | Should -Be 2, 0, 'item'
        Invoke-ConcurrentQuery $db 'select name from item order by id' | ForEach-Object name | Should -Be 'one', 'two'
    }

    It 'reports bad rows with their number, and keeps the rest' {
        $summary = @{ id = 1; name = 'one' }, @{ id = 2; name = $null }, @{ id = 1; name = 'again' }, @{ id = 4; name = 'four' } |
            Import-ConcurrentData $db item -Column id, name -ErrorVariable bad -ErrorAction SilentlyContinue
        $summary.Rows, $summary.BadRows | Should -Be 2, 2
        $bad.FullyQualifiedErrorId | Should -BeLike 'RowNotLoaded,*'
        $bad.TargetObject.id | Should -Be 2, 1
        "$($bad[0])" | Should -BeLike 'Row 2 was not loaded.*'
    }

    It 'keeps nothing with -AllOrNothing where a row is bad' {
        {
            @{ id = 1; name = 'one' }, @{ id = 2; name = $null } | Import-ConcurrentData $db item -Column id, name -AllOrNothing
        } | Should -Throw
        Invoke-ConcurrentQuery $db 'select count(*) from item' -Scalar | Should -Be 0
    }

    It 'ends with one error where no row can be loaded, whatever it is' {
        $null = Invoke-ConcurrentQuery $db 'create view seen as select * from item'
        {
            1..3 | ForEach-Object { [pscustomobject] @{ id = $_; name = 'n' } } | Import-ConcurrentData $db seen -ErrorVariable bad
        } | Should -Throw -ErrorId 'QueryFailed,*'
        $bad.FullyQualifiedErrorId | Should -Not -BeLike 'RowNotLoaded,*'
    }

    It 'offers the tables and their columns' {
        function Complete($typed) { (TabExpansion2 $typed $typed.Length).CompletionMatches.CompletionText }
        $global:completed = $db
        try {
            Complete 'Import-ConcurrentData $completed it' | Should -Be 'item'
            Complete 'Import-ConcurrentData $completed item -Column ' | Should -Be 'id', 'name'
        }
        finally {
            Remove-Variable completed -Scope Global
        }
    }

    It 'belongs to the transaction around it' {
        {
            Use-AsyncResource $db -Transaction {
                $null = [pscustomobject] @{ id = 1; name = 'one' } | Import-ConcurrentData $_ item; throw 'no'
            }
        } | Should -Throw 'no'
        Invoke-ConcurrentQuery $db 'select count(*) from item' -Scalar | Should -Be 0
    }

    It 'runs in blocks on workers, where the modules were imported by their paths' {
        1..4 | Invoke-Concurrent { ([pscustomobject] @{ id = $_; name = "n$_" } | Import-ConcurrentData $db item).Rows } |
            Should -Be 1, 1, 1, 1
    }
}

Describe 'Connect-AsyncNotification' {
    It 'says which databases have notifications' {
        $db = Connect-AsyncDatabase -Sqlite :memory:
        { Connect-AsyncNotification $db orders } | Should -Throw -ErrorId 'NotificationsNotSupported,*'
        $db.Dispose()
    }
}
