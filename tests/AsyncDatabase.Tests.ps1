#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../output/AsyncPs", "$PSScriptRoot/../output/AsyncPs.Data" -Force
}

Describe 'A SQLite database' {
    BeforeEach {
        $db = Connect-AsyncDatabase -Sqlite :memory:
        $null = Invoke-ConcurrentQuery $db 'create table item (id integer primary key, name text)'
        $null = 'one', 'two', 'three' | Invoke-ConcurrentQuery $db 'insert into item (name) values (@name)' -NonQuery
    }

    AfterEach {
        $db.Dispose()
    }

    It 'gives rows as objects' {
        $row = Invoke-ConcurrentQuery $db "select * from item where name = 'two'"
        $row.name | Should -Be 'two'
        $row.id | Should -BeIn 1, 2, 3
    }

    It 'takes the rows of a file by the names of their columns' {
        "id,name`n7,seven`n8,eight" | ConvertFrom-Csv |
            Invoke-ConcurrentQuery $db 'insert into item values (@id, @name) returning name' -Scalar | Sort-Object |
            Should -Be 'eight', 'seven'
    }

    It 'names the input object of an error' {
        $quietly = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failed' }
        9, 9 |
            Invoke-ConcurrentQuery $db 'insert into item (id) values (@id)' -NonQuery -ThrottleLimit 1 @quietly |
            Should -Be 1
        $failed.TargetObject | Should -Be 9
        $failed.FullyQualifiedErrorId | Should -BeLike 'QueryFailed,*'
    }

    It 'commits a transaction whose block succeeds, and rolls back one whose block fails' {
        Use-AsyncResource $db -Transaction { $null = Invoke-ConcurrentQuery $_ 'insert into item values (10, null)' }
        {
            Use-AsyncResource $db -Transaction { $null = Invoke-ConcurrentQuery $_ 'insert into item values (11, null)'; throw 'no' }
        } | Should -Throw 'no'
        Invoke-ConcurrentQuery $db 'select id from item where id > 9' -Scalar | Should -Be 10
    }

    It 'says where the transaction is to be named rather than the database' {
        { Use-AsyncResource $db -Transaction { Invoke-ConcurrentQuery $db 'insert into item values (12, null)' -ErrorAction Stop } } |
            Should -Throw -ErrorId 'DatabaseInTransaction,*'
    }

    It 'stops when there is enough' {
        Invoke-ConcurrentQuery $db 'with recursive r(i) as (select 1 union all select i + 1 from r) select i from r' |
            Select-Object -First 3 | ForEach-Object i | Should -Be 1, 2, 3
        $db.InUse | Should -Be 0
    }

    It 'has no parameters that are for blocks' {
        (Get-Command Invoke-ConcurrentQuery).Parameters.Keys | Should -Not -Contain 'NoCapture'
    }
}
