using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;

namespace Copilot.Core.Actions;

/// <summary>The object that a step acts on.</summary>
/// <param name="Cluster">The cluster's name as configured; empty when unknown.</param>
/// <param name="Uid">As recorded; empty when the object itself was not recorded.</param>
/// <param name="Namespace">Empty for cluster-scoped objects.</param>
public sealed record ActionTarget(string Cluster, string Uid, string Kind, string Namespace, string Name)
{
    public override string ToString() => $"{(Namespace.Length == 0 ? "cluster" : Namespace)}/{Kind}/{Name}";
}

/// <summary>Something that must still be so when the step is carried out.</summary>
/// <param name="Read">What is read: <c>uid</c>, <c>rollout.revisions</c>, or a field's path.</param>
/// <param name="Comparator"><c>exact</c>, <c>contains</c>, <c>absent</c>, or <c>as-recorded</c>: the value that the named record holds.</param>
public sealed record WorldRead(string Read, string Comparator, string Expected);

/// <summary>One step of a plan.</summary>
/// <param name="Params">All parameters of the kind, as texts.</param>
/// <param name="ExpectedEffect">What it brings about, for people.</param>
/// <param name="IdempotencyKey">The same for the same step of the same incident, so that it cannot take effect twice.</param>
public sealed record PlanStep(
    ActionKind Kind, ActionTarget Target, IReadOnlyDictionary<string, string> Params, IReadOnlyList<WorldRead> Preconditions, string ExpectedEffect, string IdempotencyKey);

/// <summary>How one step is taken back.</summary>
/// <param name="Reverses">The step's idempotency key.</param>
/// <param name="Params">The parameters with which the step's kind takes it back; empty where the kind has its own reverse.</param>
public sealed record RollbackStep(string Reverses, string Does, IReadOnlyDictionary<string, string> Params);

/// <summary>What shows that the plan helped.</summary>
/// <param name="Check">A word of the runbook vocabulary, such as <c>workload-ready</c>.</param>
/// <param name="Expect">What must be so, in words.</param>
/// <param name="Soak">How long it must stay so.</param>
public sealed record VerifyProbe(string Check, string Subject, string Expect, TimeSpan Soak);

/// <param name="Level"><c>low</c>, <c>medium</c> or <c>high</c>, by the runbook.</param>
/// <param name="Services">How many workloads the steps touch.</param>
/// <param name="Replicas">How many pods those have; null when that is not recorded.</param>
public sealed record PlanRisk(string Level, int Services, int? Replicas, bool Reversible);

/// <summary>
/// A reversible way to take one cause away, as it would be decided on, approved and carried out. It never changes: an edit makes another plan with another
/// digest.
/// </summary>
/// <param name="Cause">The contributing factor that it takes away.</param>
/// <param name="Evidence">Ids of the receipts of the readings that it rests on.</param>
public sealed record Plan(
    string Incident,
    ReceiptActor Requester,
    ReceiptActor? OnBehalfOf,
    string Runbook,
    string Cause,
    IReadOnlyList<PlanStep> Steps,
    IReadOnlyList<RollbackStep> Rollback,
    IReadOnlyList<VerifyProbe> Verify,
    IReadOnlyList<string> Evidence,
    PlanRisk Risk)
{
    /// <summary><c>sha256:</c> and the hash of the canonical JSON (RFC 8785) of <see cref="ToJson"/>.</summary>
    public string Digest => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Serialize(ToJson())));

    /// <summary>The plan as it is hashed and kept: <c>copilot-plan/1</c>. Durations are whole seconds.</summary>
    public JsonObject ToJson() => new()
    {
        ["schema"] = "copilot-plan/1",
        ["incident"] = Incident,
        ["requester"] = Actor(Requester),
        ["on_behalf_of"] = OnBehalfOf is null ? null : Actor(OnBehalfOf),
        ["runbook"] = Runbook,
        ["cause"] = Cause,
        ["steps"] = Array(Steps, s => new JsonObject
        {
            ["kind"] = s.Kind.Name,
            ["target"] = new JsonObject { ["cluster"] = s.Target.Cluster, ["uid"] = s.Target.Uid, ["kind"] = s.Target.Kind, ["namespace"] = s.Target.Namespace, ["name"] = s.Target.Name },
            ["params"] = Map(s.Params),
            ["preconditions"] = Array(s.Preconditions, p => new JsonObject { ["read"] = p.Read, ["comparator"] = p.Comparator, ["expected"] = p.Expected }),
            ["expected_effect"] = s.ExpectedEffect,
            ["idempotency_key"] = s.IdempotencyKey,
        }),
        ["rollback"] = Array(Rollback, r => new JsonObject { ["reverses"] = r.Reverses, ["does"] = r.Does, ["params"] = Map(r.Params) }),
        ["verify"] = Array(Verify, v => new JsonObject { ["check"] = v.Check, ["subject"] = v.Subject, ["expect"] = v.Expect, ["soak_s"] = (long)v.Soak.TotalSeconds }),
        ["evidence"] = new JsonArray([.. Evidence.Select(e => (JsonNode)e)]),
        ["risk"] = new JsonObject { ["level"] = Risk.Level, ["services"] = Risk.Services, ["replicas"] = Risk.Replicas, ["reversible"] = Risk.Reversible },
    };

    /// <summary>The key of a step: a hash of the incident and of what the step does to what.</summary>
    public static string KeyOf(string incident, ActionKind kind, ActionTarget target, IReadOnlyDictionary<string, string> parameters)
    {
        var step = new JsonObject { ["incident"] = incident, ["kind"] = kind.Name, ["cluster"] = target.Cluster, ["uid"] = target.Uid, ["target"] = target.ToString(), ["params"] = Map(parameters) };
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Serialize(step)))[..32];
    }

    private static JsonObject Actor(ReceiptActor actor) => new() { ["kind"] = actor.Kind.ToString().ToLowerInvariant(), ["id"] = actor.Id, ["assurance"] = actor.Assurance };

    private static JsonArray Array<T>(IReadOnlyList<T> items, Func<T, JsonObject> one) => new([.. items.Select(i => (JsonNode)one(i))]);

    private static JsonObject Map(IReadOnlyDictionary<string, string> map)
    {
        var json = new JsonObject();
        foreach (var (key, value) in map) json[key] = value;
        return json;
    }
}
