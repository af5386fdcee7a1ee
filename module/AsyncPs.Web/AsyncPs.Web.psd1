@{
    RootModule           = 'AsyncPs.Web.dll'
    ModuleVersion        = '@VERSION@'
    GUID                 = '5d1a4e0c-7c0f-4d0a-8a53-3a0d5f6f2b17'
    Author               = 'AsyncPs contributors'
    CompanyName          = 'AsyncPs contributors'
    Copyright            = '(c) AsyncPs contributors. MIT licence.'
    Description          = 'A web server for AsyncPs: routes whose handlers are script blocks, with typed parameters, JSON, OpenAPI, streams, web sockets and files, on Kestrel. What FastAPI and Starlette gave Python.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    RequiredModules      = @(@{ ModuleName = 'AsyncPs'; ModuleVersion = '@VERSION@' })
    FormatsToProcess     = @('AsyncPs.Web.Format.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Invoke-AsyncRoute'
        'New-AsyncResponse'
        'New-AsyncRoute'
        'Start-AsyncServer'
        'Stop-AsyncServer'
    )
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Prerelease   = '@PRERELEASE@'
            # @LINKS@
            Tags         = @('async', 'web', 'server', 'http', 'api', 'rest', 'OpenAPI', 'WebSocket', 'FastAPI', 'Kestrel', 'webhook',
                'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
