namespace AsyncPs.Workers;

/// <summary>
/// Marks a cmdlet that is only in the sessions of workers: their own, or one that takes the place of one of PowerShell's.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class InWorkersAttribute : Attribute;
