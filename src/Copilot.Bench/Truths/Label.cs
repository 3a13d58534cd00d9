using System.Text.RegularExpressions;

namespace Copilot.Bench.Truths;

/// <summary>What a label in the ITBench form says, before it is judged.</summary>
/// <param name="Groups">Distinct ids.</param>
/// <param name="Aliases">Sets of group ids.</param>
/// <param name="Oddities">What was overlooked while reading, in words.</param>
internal sealed record Label(
    IReadOnlyList<LabelGroup> Groups, IReadOnlyList<IReadOnlyList<string>> Aliases, IReadOnlyList<LabelFault> Faults, IReadOnlyList<LabelStep> Propagations, IReadOnlyList<string> Oddities);

/// <param name="Filters">At least one; as they stand there.</param>
/// <param name="IsRoot">Marked as a root cause.</param>
internal sealed record LabelGroup(string Id, string Kind, string? Namespace, IReadOnlyList<string> Filters, bool IsRoot)
{
    /// <summary>Says the same, its id aside.</summary>
    public bool Equates(LabelGroup other) => (Kind, Namespace, IsRoot) == (other.Kind, other.Namespace, other.IsRoot) && Filters.SequenceEqual(other.Filters);

    /// <summary>Names that its filters were plainly written for.</summary>
    public IReadOnlyList<string> Stems { get; } = [.. Filters.Select(LabelFilter.Stem).OfType<string>().Distinct()];

    public EntityPattern Pattern { get; } = new(Kind, Namespace, [.. Filters.Select(LabelFilter.Usable)]);
}

/// <param name="Mechanism">In the label's own words.</param>
internal sealed record LabelFault(string? Group, string? Kind, string? Name, string Condition, string Mechanism);

/// <summary>A step of the propagation, by group ids.</summary>
internal sealed record LabelStep(string? Source, string? Target);

internal static partial class LabelFilter
{
    /// <summary>
    /// The filter, or what is meant by one that is no regular expression: a file pattern, as public graders read it too. <c>*.*</c> is everything then, as it
    /// was where people learnt it; as a strict file pattern it would ask for a dot, which few objects have.
    /// </summary>
    public static string Usable(string filter) => IsRegex(filter) ? filter : Glob(filter);

    public static bool IsRegex(string filter) => PythonRegex.Of(filter).Broken is null;

    /// <summary>The one name that a filter was written for, without what the cluster adds to it; null when that cannot be told.</summary>
    public static string? Stem(string filter)
    {
        var text = filter.Replace("(?!-)", "", StringComparison.Ordinal).Replace(@"\b", "", StringComparison.Ordinal).Trim('^', '$');
        text = Trailing().Replace(Leading().Replace(text, ""), "").Replace(@"\-", "-", StringComparison.Ordinal).Replace(@"\.", ".", StringComparison.Ordinal);
        return Name().IsMatch(text) ? text : null;
    }

    /// <summary>The filter without a last part that stands for what the cluster adds to a name; null when it has none.</summary>
    public static string? WithoutSuffix(string filter) => GeneratedPart().Match(filter) is { Success: true } match ? filter[..match.Index] : null;

    /// <summary>Begins with anything.</summary>
    public static bool IsWide(string filter) => filter.TrimStart('^').StartsWith(".*", StringComparison.Ordinal);

    private static string Glob(string filter)
    {
        var parts = filter.Replace("*.*", "*", StringComparison.Ordinal).Split('*').Select(p => Regex.Escape(p).Replace(@"\?", ".", StringComparison.Ordinal));
        var regex = $"^{string.Join(".*", parts)}$";
        return IsRegex(regex) ? regex : EntityPattern.Literal(filter);
    }

    [GeneratedRegex(@"^\.[*+]", RegexOptions.NonBacktracking)]
    private static partial Regex Leading();

    [GeneratedRegex(@"(\\?-)?\.[*+]$", RegexOptions.NonBacktracking)]
    private static partial Regex Trailing();

    [GeneratedRegex(@"\\?-\.[*+]\$?$", RegexOptions.NonBacktracking)]
    private static partial Regex GeneratedPart();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]*\\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
