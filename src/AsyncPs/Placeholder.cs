namespace AsyncPs;
internal static class P { }
