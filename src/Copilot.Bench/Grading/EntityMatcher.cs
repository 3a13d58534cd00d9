using System.Text.RegularExpressions;
using Copilot.Bench.Truths;

namespace Copilot.Bench.Grading;

/// <summary>
/// Whether a name in an answer means an entity of the truth. Strict is the letter of the label: the same kind, the same namespace where it has one, and
/// <c>re.search</c>. Lenient stands in for the judge of ITBench-AA, a language model, by rules (docs/evaluation-data.md).
/// </summary>
internal sealed partial class EntityMatcher
{
    public static readonly EntityMatcher Strict = new(strict: true);
    public static readonly EntityMatcher Lenient = new(strict: false);

    private readonly bool _strict;

    private EntityMatcher(bool strict) => _strict = strict;

    public bool Fits(EntityPattern pattern, string? name) => EntityName.Parse(name) is { } parsed && Fits(pattern, parsed);

    public bool Fits(EntityPattern pattern, EntityName name) =>
        _strict
            ? (pattern.Kind is null || pattern.Kind == name.Kind) && (string.IsNullOrEmpty(pattern.Namespace) || pattern.Namespace == name.Namespace)
                && pattern.Filters.Any(f => PythonRegex.Of(f).Finds(name.Name))
            : KindFits(pattern.Kind, name.Kind) && NamespaceFits(pattern, name) && NameFits(pattern, name);

    /// <summary>What is wrong with the filters of a pattern, as far as is known by now.</summary>
    public static IEnumerable<string> Troubles(EntityPattern pattern) =>
        pattern.Filters.Select(f => (f, PythonRegex.Of(f).Trouble)).Where(t => t.Trouble is not null).Select(t => $"The filter {t.f} fits nothing: {t.Trouble}.");

    private static bool KindFits(string? label, string answer) =>
        label is null || EntityKinds.AreSame(label, answer)
        || (EntityKinds.IsWorkload(label) && EntityKinds.IsWorkload(answer))
        // A pod in a label is that of a Deployment or the like: a CronJob of the same name is another thing.
        || (EntityKinds.IsRun(label) && EntityKinds.IsRun(answer) && !EntityKinds.AreSame(label, EntityKinds.Pod))
        // One direction only: a Schedule is who starts the experiment, whatever kind that is; one experiment is not the Schedule.
        || (EntityKinds.IsChaos(label) && EntityKinds.AreSame(answer, EntityKinds.Schedule));

    private static bool NamespaceFits(EntityPattern pattern, EntityName name) =>
        string.IsNullOrEmpty(pattern.Namespace) || EntityKinds.IsClusterScoped(pattern.Kind ?? name.Kind) || pattern.Namespace.Equals(name.Namespace, StringComparison.OrdinalIgnoreCase);

    private static bool NameFits(EntityPattern pattern, EntityName name)
    {
        var kind = pattern.Kind ?? name.Kind;
        // Labels abbreviate the names of experiments, such as .*product-catalog, and the cluster appends to them.
        if (pattern.Kind is not null && (EntityKinds.IsChaos(kind) || EntityKinds.AreSame(kind, EntityKinds.Schedule))) return pattern.Filters.Any(f => PythonRegex.Of(f).Starts(name.Name));
        var isWorkload = EntityKinds.IsWorkload(kind) || EntityKinds.IsRun(kind);
        if (!isWorkload && !EntityKinds.AreSame(kind, EntityKinds.Service)) return pattern.Filters.Any(f => PythonRegex.Of(f).Fits(name.Name));
        var names = Owners(name.Kind, name.Name).SelectMany(ServiceSpelling.Of).ToList();
        return pattern.Filters.Any(f => WorkloadFits(f, names) || IsOwnerOf(f, pattern.Kind, name));
    }

    /// <summary>
    /// The last <c>-.*</c> of a filter stands for what the cluster adds to a workload's name and for nothing else: <c>cart-.*</c> is written for the pods of
    /// cart, and not for those of cart-canary.
    /// </summary>
    private static bool WorkloadFits(string filter, List<string> names) => names.Exists(PythonRegex.Of(LabelFilter.WithoutSuffix(filter) is { Length: > 0 } bare ? bare : filter).Fits);

    /// <summary>The label has the full name of a pod, the answer its workload.</summary>
    private static bool IsOwnerOf(string filter, string? kind, EntityName answer) =>
        kind is not null && LabelFilter.WithoutSuffix(filter) is null && LabelFilter.Stem(filter) is { } pod && Owners(kind, pod).Contains(answer.Name) && PythonRegex.Of(filter).Fits(pod);

    /// <summary>The name itself, and the names it would have without what the cluster added to those of its owners.</summary>
    private static IEnumerable<string> Owners(string kind, string name)
    {
        yield return name;
        var isPod = EntityKinds.AreSame(kind, EntityKinds.Pod);
        if (isPod && PodHash().Match(name) is { Success: true } pod)
        {
            var owner = name[..pod.Index];
            yield return owner;
            if (TemplateHash().Match(owner) is { Success: true } template) yield return owner[..template.Index];
            else if (RunTime().Match(owner) is { Success: true } run) yield return owner[..run.Index];
        }
        else if (isPod && Ordinal().Match(name) is { Success: true } ordinal) yield return name[..ordinal.Index];
        else if (EntityKinds.AreSame(kind, EntityKinds.ReplicaSet) && TemplateHash().Match(name) is { Success: true } hash) yield return name[..hash.Index];
        else if (EntityKinds.AreSame(kind, EntityKinds.Job) && RunTime().Match(name) is { Success: true } time) yield return name[..time.Index];
    }

    // The letters of k8s.io/apimachinery/pkg/util/rand: no vowels and nothing like one, so that no word comes out.
    [GeneratedRegex("-[bcdfghjklmnpqrstvwxz2456789]{5}$", RegexOptions.NonBacktracking)]
    private static partial Regex PodHash();

    [GeneratedRegex("-[bcdfghjklmnpqrstvwxz2456789]{6,10}$", RegexOptions.NonBacktracking)]
    private static partial Regex TemplateHash();

    [GeneratedRegex("-[0-9]{1,5}$", RegexOptions.NonBacktracking)]
    private static partial Regex Ordinal();

    // A CronJob numbers its Jobs by the minute they were due.
    [GeneratedRegex("-[0-9]{8,10}$", RegexOptions.NonBacktracking)]
    private static partial Regex RunTime();
}
