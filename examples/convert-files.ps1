<#
.SYNOPSIS
    Runs a program for each file, several at once: compressors, converters, checkers.
.DESCRIPTION
    In the arguments, {} stands for the path of the file, {name} for its path without extension, and {new} for the
    file that the program writes. Writes an object for each file, in the order of the files: File, ExitCode, Seconds,
    Output (the output of the program).

    Ctrl+C and -TimeoutSeconds end a running program. With -Produces, files that are done are skipped: a file gets its
    final name only when the program has ended with exit code 0.
.PARAMETER Path
    The files, also from the pipeline.
.PARAMETER Program
    The program.
.PARAMETER Arguments
    Its arguments.
.PARAMETER Produces
    The final name of {new}, with {} and {name} as in the arguments. A file is skipped if what it produces exists and
    is newer.
.PARAMETER ThrottleLimit
    How many run at once. Default: the number of processors.
.PARAMETER TimeoutSeconds
    How long the program may take for a file. Default: an hour.
.EXAMPLE
    Get-ChildItem *.log | ./examples/convert-files.ps1 -Program zstd -Arguments '{}', '-o', '{new}' -Produces '{}.zst'
.EXAMPLE
    Get-ChildItem *.png |
        ./examples/convert-files.ps1 -Program magick -Arguments '{}', '-resize', '50%', '{new}' -Produces '{name}.webp' |
        Where-Object ExitCode
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, ValueFromPipeline)]
    [string[]] $Path,

    [Parameter(Mandatory)]
    [string] $Program,

    [string[]] $Arguments = '{}',

    [string] $Produces,

    [ValidateRange(1, 1000)]
    [int] $ThrottleLimit = [Environment]::ProcessorCount,

    [ValidateRange(0.001, 86400)]
    [double] $TimeoutSeconds = 3600
)

begin {
    $files = [Collections.Generic.List[string]]::new()
    $null = Get-Command $Program -ErrorAction Stop
    if ($Produces -and -not ("$Arguments".Contains('{new}'))) {
        throw '-Produces needs {new} among the -Arguments: the file that the program writes, which gets its name when it is whole.'
    }

    function Expand-Name([string] $Text, [string] $File, [string] $New) {
        $Text.Replace('{name}', [IO.Path]::ChangeExtension($File, $null).TrimEnd('.')).Replace('{new}', $New).Replace('{}', $File)
    }
}

process {
    foreach ($one in $Path) {
        $files.Add($PSCmdlet.GetUnresolvedProviderPathFromPSPath($one))
    }
}

end {
    $files | Invoke-Concurrent -Ordered -ThrottleLimit $ThrottleLimit -ItemTimeout $TimeoutSeconds {
        $file = $_
        $new = ''
        if ($Produces) {
            $product = [IO.FileInfo]::new((Expand-Name $Produces $file))
            if ($product.Exists -and $product.LastWriteTimeUtc -ge [IO.File]::GetLastWriteTimeUtc($file)) {
                return
            }

            # Beside it, so that it is moved at once, and with its extension, from which programs see what to make.
            $new = [IO.Path]::Join($product.DirectoryName, '~' + $product.Name)
            [IO.File]::Delete($new)
        }

        $given = foreach ($argument in $Arguments) { Expand-Name $argument $file $new }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        try {
            $said = & $Program @given 2>&1
            if ($new -and $LASTEXITCODE -eq 0) {
                [IO.File]::Move($new, $product.FullName, $true)
            }
        }
        finally {
            if ($new) {
                [IO.File]::Delete($new)
            }
        }

        [pscustomobject] @{
            File = $file; ExitCode = $LASTEXITCODE; Seconds = [Math]::Round($watch.Elapsed.TotalSeconds, 3); Output = "$said"
        }
    }
}
