#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Runs each row of the tables of docs/guides/what-a-block-sees.md, so that the page stays true.

BeforeDiscovery {
    $page = [IO.File]::ReadAllText("$PSScriptRoot/../docs/guides/what-a-block-sees.md")
    $there, $notThere = ($page -split '(?m)^## What differs')

    function Get-Row([string] $Text) {
        foreach ($line in $Text -split '\r?\n' -match '^\| [^-]' | Select-Object -Skip 1) {
            $cells = $line.Trim('|', ' ') -split '(?<!\\)\|' | ForEach-Object { $_.Trim().Trim('`').Replace('\|', '|') }
            @{ What = $cells[0]; Code = $cells[1]; Writes = $cells[2] -replace '^nothing$'; Instead = $cells[3] }
        }
    }

    $thereRows = @(Get-Row $there)
    $notThereRows = @(Get-Row $notThere)
}

BeforeAll {
    $module = (Resolve-Path "$PSScriptRoot/../output/AsyncPs").Path
    $null = New-Item -ItemType Directory $TestDrive/folder
    Set-Content $TestDrive/folder/f.txt text
    Set-Content $TestDrive/Conn.psm1 @'
$script:token = 'none'
function Connect-Conn($token) { $script:token = $token }
function Get-Token { $script:token }
function Get-Server { $global:Server }
'@

    function Invoke-Row([string] $Code) {
        $culture = [cultureinfo]::CurrentCulture
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$module'; Set-Location '$TestDrive'").Invoke()
            $shell.Commands.Clear()
            $output = $shell.AddScript($Code).Invoke() -join ' '
            $shell.Streams.Error | ForEach-Object { "error: $_" }
            $output
        }
        finally {
            $shell.Dispose()
            [cultureinfo]::CurrentCulture = $culture
        }
    }
}

Describe 'What the page says of a block' {
    It 'has <Count> rows or more' -ForEach @(@{ Count = 20; Rows = $thereRows }, @{ Count = 6; Rows = $notThereRows }) {
        $Rows.Count | Should -BeGreaterOrEqual $Count
    }

    It 'holds of <What>, as in place' -ForEach $thereRows {
        Invoke-Row ($Code -replace 'Invoke-Concurrent', 'ForEach-Object') | Should -Be $Writes
        Invoke-Row $Code | Should -Be $Writes
    }

    It 'holds of <What>, not as in place, and there is another way' -ForEach $notThereRows {
        $inPlace = Invoke-Row ($Code -replace 'Invoke-Concurrent', 'ForEach-Object')
        Invoke-Row $Code | Should -Be $Writes
        $inPlace | Should -Not -Be $Writes
        Invoke-Row $Instead | Should -Be $inPlace
    }
}
