<#
.SYNOPSIS
    Runs a program for every file, several at once: compressors, converters, checkers.
.DESCRIPTION
    In the arguments, {} stands for the path of the file, {name} for its path without extension. Writes an object a file, in the order of the files: File, ExitCode, Seconds, Output (what the program
    has written). A program that is stopped by Ctrl+C or -TimeoutSeconds ends, and files that are done are not done again with -Produces.

    Runs on the bare engine: it uses nothing but .NET, the language and AsyncPs.
.PARAMETER Path
    The files, also from the pipeline.
.PARAMETER Program
    The program.
.PARAMETER Arguments
    Its arguments.
.PARAMETER Produces
    The file that the program makes, with {} and {name} as in the arguments: a file is left out if what it produces is there and newer.
.PARAMETER ThrottleLimit
    How many run at once. Default: as many as there are processors.
.PARAMETER TimeoutSeconds
    How long the program may take for a file. Default: an hour.
.EXAMPLE
    Get-ChildItem *.log | ./examples/convert-files.ps1 -Program gzip -Arguments '--keep', '--force', '{}' -Produces '{}.gz'
.EXAMPLE
    Get-ChildItem *.png | ./examples/convert-files.ps1 -Program magick -Arguments '{}', '-resize', '50%', '{name}.webp' -Produces '{name}.webp' | Where-Object ExitCode
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

    function Expand-Name([string] $Text, [string] $File) {
        $Text.Replace('{name}', [IO.Path]::ChangeExtension($File, $null).TrimEnd('.')).Replace('{}', $File)
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
        if ($Produces) {
            $product = [IO.FileInfo]::new((Expand-Name $Produces $file))
            if ($product.Exists -and $product.LastWriteTimeUtc -ge [IO.File]::GetLastWriteTimeUtc($file)) {
                return
            }
        }

        $given = foreach ($argument in $Arguments) { Expand-Name $argument $file }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $said = & $Program @given 2>&1
        [pscustomobject] @{ File = $file; ExitCode = $LASTEXITCODE; Seconds = [Math]::Round($watch.Elapsed.TotalSeconds, 3); Output = "$said" }
    }
}
