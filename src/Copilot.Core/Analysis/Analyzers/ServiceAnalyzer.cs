using Copilot.Core.Evidence;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Services that fail or are slow by themselves without a recorded reason, and sources that send too much.</summary>
public static class ServiceAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context) => Failing(context).Concat(Unresolved(context));

    private static IEnumerable<Finding> Failing(AnalysisContext context)
    {
        foreach (var own in context.Symptoms.Where(s => s.Kind is SymptomKind.OwnErrors or SymptomKind.SlowSelf or SymptomKind.Deviation or SymptomKind.Saturated).GroupBy(s => s.Component))
        {
            var entity = own.FirstOrDefault(s => s.Kind == SymptomKind.Saturated)?.Workload ?? context.Map.EntityOf(own.Key);
            var resources = context.Saturated.FirstOrDefault(s => s.Component == own.Key);
            var errors = own.Any(s => s.Kind is SymptomKind.OwnErrors or SymptomKind.Deviation);
            var mechanism = resources?.Mechanism ?? (errors ? Mechanism.ApplicationError : Mechanism.LatencyRegression);
            var support = new List<Support>(context.CouldNotLook());
            if (resources is not null) support.Add(new(1.5, resources.Says, [resources.Evidence]));
            var text = context.NewTexts.FirstOrDefault(t => t.Component == own.Key);
            if (text.Text is not null) support.Add(new(0.5, $"new since then: {SymptomDetector.Quote(text.Text)}", [text.Evidence]));
            var components = new[] { own.Key };
            yield return new(
                FindingCode.ServiceFails, entity, mechanism, null, TimeSpan.Zero, Prior.RuntimeService, new(components, components, [], [], [entity], []),
                [.. own.SelectMany(s => s.Evidence).Take(3)], support, $"{entity.Kind} {entity.Name}: {string.Join("; ", own.Select(s => s.Says).Append(resources?.Says).OfType<string>().Distinct())}",
                $"A change to {own.Key} or to what it calls at that time.")
            { TimeIsUnknowable = true };
        }
    }

    private static readonly string[] NameFailures = ["no such host", "eai_again", "temporary failure in name resolution", "name or service not known", "servfail", "unknownhostexception"];

    /// <summary>Several services that cannot resolve several names have one thing in common: the cluster's DNS.</summary>
    private static IEnumerable<Finding> Unresolved(AnalysisContext context)
    {
        var failures = context.NewTexts.Where(t => NameFailures.Any(f => t.Text.Contains(f, StringComparison.OrdinalIgnoreCase))).ToList();
        // Whoever passes on a failure quotes it: those count whose own calls broke, and one name that all miss is a missing name and no broken DNS.
        var broken = context.Symptoms.Where(s => s.Kind == SymptomKind.BrokenCall).Select(s => s.Caller).ToHashSet();
        failures.RemoveAll(f => context.Signals.Calls.Count > 0 && !broken.Contains(f.Component));
        var components = failures.Select(f => f.Component).Distinct().ToList();
        if (components.Count < 3 || context.Map.Components.Any(c => failures.TrueForAll(f => ServiceMap.NamesHost(f.Text, c)))) yield break;
        var dns = context.Signals.Cluster.Workloads.FirstOrDefault(w => w.Header.Labels.GetValueOrDefault("k8s-app") == "kube-dns" || w.PodLabels.GetValueOrDefault("k8s-app") == "kube-dns");
        var entity = dns?.Header.Entity ?? new EntityRef("kube-system", "Deployment", "coredns");
        yield return new(
            FindingCode.NamesUnresolved, entity, Mechanism.Dns, null, TimeSpan.Zero, Prior.RuntimeDependency, new([], [], components, [], [entity], []),
            [.. failures.Take(3).Select(f => f.Evidence with { About = [.. f.Evidence.About, entity] })], [new(2, $"{components.Count} services fail to resolve names")],
            $"{components.Count} services cannot resolve names: {SymptomDetector.Quote(failures[0].Text)}", "Some service resolves all its names in the same minutes.")
        { TimeIsUnknowable = true };
    }
}
