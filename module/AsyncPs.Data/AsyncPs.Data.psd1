@{
    RootModule           = 'AsyncPs.Data.dll'
    ModuleVersion        = '@VERSION@'
    GUID                 = '0b7c4d5e-5e0a-4b0d-9c86-2f6a1f6d4c21'
    Author               = 'AsyncPs contributors'
    CompanyName          = 'AsyncPs contributors'
    Copyright            = '(c) AsyncPs contributors. MIT licence.'
    Description          = 'Databases for AsyncPs: concurrent queries with parameters from the pipeline, transactions, bulk loads and notifications, on SQLite and PostgreSQL and on whatever ADO.NET provider you bring. What asyncpg and aiosqlite gave Python.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    RequiredModules      = @(@{ ModuleName = 'AsyncPs'; ModuleVersion = '@VERSION@' })
    FormatsToProcess     = @('AsyncPs.Data.Format.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Connect-AsyncDatabase'
        'Connect-AsyncNotification'
        'Import-ConcurrentData'
        'Invoke-ConcurrentQuery'
    )
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Prerelease   = '@PRERELEASE@'
            # @LINKS@
            Tags         = @('async', 'asyncpg', 'aiosqlite', 'concurrency', 'database', 'sql', 'PostgreSQL', 'SQLite',
                'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
