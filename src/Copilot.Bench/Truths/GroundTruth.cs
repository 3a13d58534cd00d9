namespace Copilot.Bench.Truths;

/// <summary>The right answer of a case.</summary>
/// <param name="Causes">The independent root causes, all of which an answer must name; empty where nothing is wrong.</param>
/// <param name="Victims">Entities that suffer and are no cause: naming one is wrong.</param>
/// <param name="Defects">What is known to be wrong with the label, in words. It is shown with every score and never corrected for.</param>
public sealed record GroundTruth(IReadOnlyList<TrueCause> Causes, IReadOnlyList<EntityPattern> Victims, IReadOnlyList<string> Defects);

/// <summary>One root cause.</summary>
/// <param name="Id">Distinct within the case.</param>
/// <param name="Mechanism">A wire name of the mechanism taxonomy; null where the label tells none.</param>
/// <param name="Condition">What was done or broke, in words; empty where the label does not say.</param>
/// <param name="Names">The ways to name it: any of them is right.</param>
public sealed record TrueCause(string Id, string? Mechanism, string Condition, IReadOnlyList<EntityPattern> Names);

/// <summary>Describes entities.</summary>
/// <param name="Kind">As Kubernetes spells it; null for any.</param>
/// <param name="Namespace">Null for any.</param>
/// <param name="Filters">Regular expressions on the name, in the syntax of Python; one that fits is enough.</param>
public sealed record EntityPattern(string? Kind, string? Namespace, IReadOnlyList<string> Filters)
{
    /// <summary>Exactly this name, of any kind and namespace.</summary>
    public static EntityPattern Exactly(string name) => new(null, null, [Literal(name)]);

    /// <summary>The filter that fits one name only, even for a grader that searches.</summary>
    public static string Literal(string name) => $"^{System.Text.RegularExpressions.Regex.Escape(name)}$";
}
