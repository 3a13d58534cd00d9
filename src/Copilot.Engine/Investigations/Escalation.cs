using Copilot.Core.Actions;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Engine.Investigations;

/// <summary>Whom to call: who answers for the causes; where none is named, for what got worse.</summary>
internal static class Escalation
{
    private const int Most = 3;

    /// <summary>Owners in words with where they were learnt from, <see cref="Owners.Unknown"/> where nobody is named, nothing where nothing is wrong.</summary>
    public static string Of(Diagnosis diagnosis, ClusterState cluster, IReadOnlyList<OwnerRule> rules)
    {
        if (diagnosis.Status == DiagnosisStatus.NoIncident) return "";
        var causes = Known(diagnosis.ContributingFactors.Select(f => f.Name), cluster, rules);
        var owners = causes.Count > 0 ? causes : Known(diagnosis.Symptoms.Select(s => s.Name), cluster, rules);
        return owners.Count == 0 ? Owners.Unknown : string.Join("; ", owners.Take(Most).Select(Words));
    }

    private static List<Owner> Known(IEnumerable<string> names, ClusterState cluster, IReadOnlyList<OwnerRule> rules) =>
    [
        .. names.Distinct().Select(n => EntityRef.TryParse(n, out var entity) ? OwnerOf(entity, cluster, rules) : null).OfType<Owner>()
            .Where(o => o.Name != Owners.Unknown || o.Contact.Length > 0).DistinctBy(o => (o.Name, o.Contact)),
    ];

    private static Owner OwnerOf(EntityRef entity, ClusterState cluster, IReadOnlyList<OwnerRule> rules)
    {
        var own = cluster.HeaderOf(entity);
        var ns = cluster.HeaderOf(EntityRef.ClusterScoped("Namespace", entity.Namespace));
        return Owners.Of(entity, own?.Labels ?? None, own?.Annotations ?? None, ns?.Labels ?? None, ns?.Annotations ?? None, rules);
    }

    private static string Words(Owner owner) => $"{owner.Name}{(owner.Contact.Length > 0 ? $" ({owner.Contact})" : "")}, by {owner.LearntFrom}";

    private static readonly Dictionary<string, string> None = [];
}
