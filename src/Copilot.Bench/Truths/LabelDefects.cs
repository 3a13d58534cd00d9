namespace Copilot.Bench.Truths;

/// <summary>
/// What is wrong with a label by its own words, found by rules that know no scenario. It is shown and never corrected for. What only the recorded
/// incident could show is in <see cref="KnownDefects"/>.
/// </summary>
/// <param name="label">What is judged.</param>
/// <param name="causes">The groups of each cause: roots and their aliases.</param>
internal sealed class LabelDefects(Label label, IReadOnlyList<IReadOnlyList<LabelGroup>> causes)
{
    // As the cluster would name a pod of the workload.
    private const string PodSuffix = "-5d9c7b8f64-x2x4z";

    private static readonly string[] Plain = ["Deployment", "StatefulSet", "DaemonSet", "Rollout", "CronJob", EntityKinds.Service];

    private readonly HashSet<LabelGroup> _right = [.. causes.SelectMany(c => c)];

    private IEnumerable<LabelGroup> Roots => causes.SelectMany(c => c).Where(g => g.IsRoot);

    private IEnumerable<LabelGroup> Victims => label.Groups.Where(g => !_right.Contains(g));

    public IReadOnlyList<string> Find() =>
    [
        .. new[] { label.Oddities, Filters(), Kinds(), SameRoots(), Hitting(), RightVictims(), Suffixed(), Namespaces(), WithoutFault(), Wide(), Experiments(), OtherFaults(), Steps() }
            .SelectMany(d => d).Distinct(),
    ];

    private IEnumerable<string> Filters() =>
        from g in label.Groups
        from f in g.Filters
        where !LabelFilter.IsRegex(f)
        select $"The filter {f} of {g.Id} is no regular expression ({PythonRegex.Of(f).Broken}); it is read as a file pattern, where * stands for anything.";

    private IEnumerable<string> Kinds() =>
        label.Groups.Where(g => !EntityKinds.IsKnown(g.Kind)).Select(g => $"{g.Kind}, the kind of {g.Id}, is no kind of Kubernetes that is known here: only an answer that spells it so can fit.");

    private IEnumerable<string> SameRoots() =>
        Roots.GroupBy(g => (g.Kind, g.Namespace, string.Join('\n', g.Filters))).Where(g => g.Count() > 1)
            .Select(g => $"The root causes {string.Join(", ", g.Select(r => r.Id))} cannot be told apart: kind, namespace and filter are the same.");

    /// <summary>As graders see it that search in the name.</summary>
    private IEnumerable<string> Hitting() =>
        from right in _right
        from victim in Victims
        let names = Examples(victim).Where(n => right.Pattern.Filters.Any(f => PythonRegex.Of(f).Finds(n))).ToList()
        where names.Count > 0 && MeetsKind(right, victim) && (right.Namespace is null || victim.Namespace is null || right.Namespace == victim.Namespace)
        select right.Stems.Any(victim.Stems.Contains) ? $"{names[0]} is both the right answer {right.Id} and {victim.Id}, which only suffers."
            : $"The filter of {right.Id}, which is a right answer, also fits {names[0]} of {victim.Id}, which only suffers.";

    /// <summary>A workload's pods beside its Deployment are the same workload and no victim.</summary>
    private static bool MeetsKind(LabelGroup right, LabelGroup victim) =>
        EntityKinds.AreSame(right.Kind, victim.Kind) || (EntityKinds.IsWorkload(right.Kind) && EntityKinds.IsWorkload(victim.Kind) && !victim.Stems.Any(right.Stems.Contains));

    private static IEnumerable<string> Examples(LabelGroup group) => EntityKinds.AreSame(group.Kind, EntityKinds.Pod) ? group.Stems.Select(s => s + PodSuffix) : group.Stems;

    private IEnumerable<string> RightVictims()
    {
        var hit = label.Propagations.Select(p => p.Target).ToHashSet();
        foreach (var cause in causes)
        {
            var roots = cause.Where(g => g.IsRoot).ToList();
            var stems = roots.Where(IsServing).SelectMany(r => r.Stems).SelectMany(ServiceSpelling.Of).ToHashSet();
            foreach (var alias in cause.Where(g => !g.IsRoot && IsServing(g) && g.Stems.Count > 0))
            {
                if (stems.Count > 0 ? !alias.Stems.Any(stems.Contains) : hit.Contains(alias.Id))
                    yield return $"The alias {alias.Id} makes {alias.Stems[0]}, which the fault only reaches, as right as the root cause {roots[0].Id}.";
            }
        }
    }

    private static bool IsServing(LabelGroup group) => EntityKinds.IsWorkload(group.Kind) || EntityKinds.AreSame(group.Kind, EntityKinds.Service);

    private IEnumerable<string> Suffixed() =>
        from g in _right
        from f in g.Filters
        where Plain.Contains(g.Kind) && LabelFilter.WithoutSuffix(f) is { Length: > 0 }
        select $"The filter {f} of {g.Id} cannot fit the bare name of a {g.Kind}: it asks for a suffix that only pods have.";

    private IEnumerable<string> Namespaces() =>
        Roots.Where(r => EntityKinds.AreSame(r.Kind, "Namespace")).Select(r => $"The root cause {r.Id} is a whole Namespace, not the object that was changed in it.");

    private IEnumerable<string> WithoutFault() =>
        label.Faults.Count == 0 && label.Groups.Any(g => g.IsRoot) && label.Propagations.Count + label.Aliases.Count > 0
            ? [$"No fault is told, yet {string.Join(", ", Roots.Select(r => r.Id))} is a root cause."] : [];

    private IEnumerable<string> Wide() =>
        from g in _right
        from f in g.Filters
        where LabelFilter.IsWide(f)
        select $"The filter {f} of {g.Id} begins with anything, so it also fits objects that have nothing to do with the fault.";

    private IEnumerable<string> Experiments()
    {
        foreach (var root in Roots.Where(r => EntityKinds.IsChaos(r.Kind)))
        {
            var conditions = FaultsOf(label, root).Select(f => f.Condition);
            foreach (var (what, text) in conditions.Select(c => ("condition", c)).Prepend(("name", string.Join(' ', root.Stems))))
            {
                if (ChaosWords.Kind(text) is { } kind && !EntityKinds.AreSame(kind, root.Kind))
                    yield return $"The experiment {root.Id} is a {root.Kind}, and by its {what} ({text}) it should be a {kind}.";
            }
            var targets = label.Propagations.Where(p => p.Source == root.Id).SelectMany(p => label.Groups.Where(g => g.Id == p.Target)).ToList();
            var (about, hits) = (Words(root.Stems, targets.FirstOrDefault()?.Namespace), targets.SelectMany(t => Words(t.Stems, ns: null)).ToHashSet());
            if (about.Count > 0 && hits.Count > 0 && !about.Overlaps(hits))
                yield return $"The experiment {root.Id} is about {string.Join(' ', about)} by its name, and what it reaches is {targets[0].Id}.";
        }
    }

    private static HashSet<string> Words(IReadOnlyList<string> stems, string? ns) => [.. stems.SelectMany(s => ChaosWords.Targets(s, ns))];

    private IEnumerable<string> OtherFaults() =>
        from f in label.Faults
        from g in label.Groups
        where g.Id == f.Group && !_right.Contains(g) && IsServing(g) && Roots.All(IsServing) && !Roots.Any(r => r.Stems.Any(g.Stems.Contains))
        select $"The fault names {g.Id} as what was broken, which is no root cause.";

    private IEnumerable<string> Steps() =>
        label.Propagations.SelectMany(p => new[] { p.Source, p.Target }).OfType<string>().Where(id => label.Groups.All(g => g.Id != id)).Select(id => $"A propagation names {id}, which is no group.");

    /// <summary>The faults that a root cause stands for: by group, else by kind and name, else the only one there is.</summary>
    public static IReadOnlyList<LabelFault> FaultsOf(Label label, LabelGroup root)
    {
        var byGroup = label.Faults.Where(f => f.Group == root.Id).ToList();
        if (byGroup.Count > 0) return byGroup;
        var byName = label.Faults.Where(f => f.Kind is { } kind && f.Name is { } name && EntityKinds.AreSame(kind, root.Kind) && root.Pattern.Filters.Any(x => PythonRegex.Of(x).Finds(name))).ToList();
        return byName.Count > 0 ? byName : label.Faults.Count == 1 && label.Groups.Count(g => g.IsRoot) == 1 ? label.Faults : [];
    }
}
