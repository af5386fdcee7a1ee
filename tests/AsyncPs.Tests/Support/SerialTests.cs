using Xunit;

namespace AsyncPs.Tests.Support;

/// <summary>Tests that count what is alive in the process, so that no other may run beside them.</summary>
[CollectionDefinition(nameof(SerialTests), DisableParallelization = true)]
public sealed class SerialTests;
