namespace AsyncPs.Tests;
public class SmokeTests { [Xunit.Fact] public void T() { } }
