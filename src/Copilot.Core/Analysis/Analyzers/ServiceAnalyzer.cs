namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Services that fail or are slow by themselves without a recorded reason.</summary>
public static class ServiceAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context)
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
}
