namespace Copilot.Core.Diagnoses;

/// <summary>Says a diagnosis in one sentence.</summary>
internal static class Summary
{
    public static string Of(DiagnosisStatus status, IReadOnlyList<ContributingFactor> factors, DiagnosisDraft draft) => status switch
    {
        DiagnosisStatus.NoIncident => "Nothing in the evidence is wrong.",
        DiagnosisStatus.InsufficientEvidence when draft.Symptoms.Count > 0 => $"{draft.Symptoms[0].Symptom.Says}; the evidence does not say why.",
        DiagnosisStatus.InsufficientEvidence => "The evidence is too thin to say whether something is wrong.",
        _ when factors.Count == 1 => $"{(status == DiagnosisStatus.Ambiguous ? "Perhaps " : "")}{factors[0].Name} ({factors[0].Mechanism}) is the cause.",
        _ => $"{factors.Count} independent causes: {string.Join(" and ", factors.Select(f => $"{f.Name} ({f.Mechanism})"))}.",
    };
}
