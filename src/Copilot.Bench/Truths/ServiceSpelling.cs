namespace Copilot.Bench.Truths;

/// <summary>One service is called <c>ad</c>, <c>adservice</c> or <c>ad-service</c>, in labels as in answers.</summary>
internal static class ServiceSpelling
{
    private const string Word = "service";

    /// <summary>The name itself first.</summary>
    public static IEnumerable<string> Of(string name)
    {
        var bare = name.EndsWith(Word, StringComparison.Ordinal) ? name[..^Word.Length].TrimEnd('-') : name;
        return bare.Length == 0 ? [name] : new[] { name, bare, bare + Word, $"{bare}-{Word}" }.Distinct();
    }
}
