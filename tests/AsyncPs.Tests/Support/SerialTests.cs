using Xunit;

namespace AsyncPs.Tests.Support;

/// <summary>Tests that count live objects of the process, so no other test may run at the same time.</summary>
[CollectionDefinition(nameof(SerialTests), DisableParallelization = true)]
public sealed class SerialTests;
