using System.Text;
using System.Text.Json;
using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.Storage.Policies;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>A policy that people put in force.</summary>
/// <param name="Request">The request for approval that it was put in force by.</param>
/// <param name="By">Who took it over.</param>
internal sealed record PolicyInForce(PolicyDocument Document, string Request, string By, DateTimeOffset At);

/// <summary>
/// Knows which policy decides: the one that people put in force last, as the log says, and until there is one the file of the settings. A file that is changed after that decides nothing before
/// people agree to it.
/// </summary>
internal sealed class PolicyBook(CopilotStore store, PolicyOptions options)
{
    private const string DefaultPolicy = "policies/default.yaml";
    private const string Prefix = "sha256:";
    private const int LeastDigits = 8;
    private const string Activated = "policy.activated";

    public PolicyDocument Current() => InForce()?.Document ?? OfSettings();

    /// <summary>Null when nobody ever put one in force.</summary>
    public PolicyInForce? InForce() => store.Exists ? store.Read(InForce) : null;

    /// <summary>The policy of the settings, else the shipped one, which is cited by the name that it has in the repository.</summary>
    public PolicyDocument OfSettings() => IsNamed ? PolicyLoader.Load(options.File).Document : PolicyLoader.Parse(DefaultPolicy, StrictYaml.ReadBytes(FileOfSettings)).Document;

    /// <summary>Whether the settings name one.</summary>
    public bool IsNamed => options.File.Length > 0;

    public string FileOfSettings => IsNamed ? options.File : Path.Combine(AppContext.BaseDirectory, DefaultPolicy);

    /// <summary>What was put in force, the newest first.</summary>
    public IReadOnlyList<ActivatedPolicy> Activations() => !store.Exists ? [] : store.Read<IReadOnlyList<ActivatedPolicy>>(db =>
        [.. db.Receipts.AsNoTracking().Where(r => r.Type == Activated).OrderByDescending(r => r.Seq).AsEnumerable().Select(Read)]);

    /// <summary>A version that people were asked about, or that was in force then.</summary>
    /// <param name="digest">Whole, or its beginning after <c>sha256:</c>.</param>
    public PolicyDocument Find(string digest)
    {
        var shown = PlainText.Clean(digest);
        if (digest.Length < Prefix.Length + LeastDigits) throw new BadInputException($"{shown} is too short. Give {Prefix} and {LeastDigits} digits of the digest at least.");
        var found = !store.Exists ? [] : store.Read(db => db.PolicyVersions.AsNoTracking().Where(p => p.Digest.StartsWith(digest)).OrderBy(p => p.Digest).Take(2).ToList());
        return found.Count switch
        {
            0 => throw new BadInputException($"No version {shown} of a policy is kept here. \"copilot policy active\" lists those that were in force; any other is named by its file.", Refusal.Missing),
            1 => Parsed(found[0]),
            _ => throw new BadInputException($"Several versions begin with {shown}. Give more of the digest."),
        };
    }

    /// <summary>Keeps versions of policies, each once.</summary>
    public static void Keep(CopilotDb db, params IReadOnlyList<PolicyDocument> policies)
    {
        foreach (var policy in policies.DistinctBy(p => p.Digest).Where(p => !db.PolicyVersions.Any(v => v.Digest == p.Digest)))
            db.PolicyVersions.Add(new() { Digest = policy.Digest, File = policy.File, Bytes = Encoding.UTF8.GetBytes(policy.Text) });
    }

    /// <summary>Whether what decides is still what decided when a change of it was asked for.</summary>
    /// <param name="db">Where nobody changes it meanwhile; null to look from outside.</param>
    public WorldCheck World(ApprovalRequest request, CopilotDb? db = null)
    {
        try
        {
            var now = (db is null ? InForce() : InForce(db))?.Document ?? OfSettings();
            return WorldState.Differences(WorldState.FromJson(request.Ask.World), PolicyActivation.WorldOf(now.Digest)) is { Count: > 0 } differences ? new WorldCheck.Differs(differences) : new WorldCheck.Same();
        }
        catch (FileFaultException e)
        {
            return new WorldCheck.NotSeen(e.Message);
        }
    }

    /// <summary>The receipt that puts in force what was approved, in the transaction in which it was taken over; null for anything else.</summary>
    public static ReceiptDraft? Activation(CopilotDb db, ApprovalRequest request, ReceiptActor by)
    {
        if (request.State != ApprovalState.Succeeded || PolicyActivation.StepIn(PlanReader.Read(request.Ask.Plan)) is not { } step) return null;
        return Activation(Parsed(Need(db, step.Params["digest"])), step.Params["replaces"], request, by);
    }

    /// <summary>The receipt that a policy was put in force.</summary>
    /// <param name="replaces">The digest of the one that decided until then.</param>
    public static ReceiptDraft Activation(PolicyDocument policy, string replaces, ApprovalRequest request, ReceiptActor by) =>
        new(ReceiptType.PolicyActivated, request.Ask.Stream, request.Id, new()
        {
            ["request"] = request.Id,
            ["grant"] = request.Grant!.Id,
            ["name"] = policy.Name,
            ["version"] = policy.Version,
            ["digest"] = policy.Digest,
            ["replaces"] = replaces,
        })
        { Actor = by, Committed = [new("/body/policy", policy.Text)] };

    private static PolicyInForce? InForce(CopilotDb db)
    {
        if (db.Receipts.AsNoTracking().Where(r => r.Type == Activated).OrderByDescending(r => r.Seq).FirstOrDefault() is not { } row) return null;
        var activated = Read(row);
        return new(Parsed(Need(db, activated.Digest)), activated.Request, activated.By, activated.At);
    }

    private static ActivatedPolicy Read(ReceiptRow row)
    {
        try
        {
            using var json = JsonDocument.Parse(row.Bytes);
            var body = json.RootElement.GetProperty("body");
            return new(row.At, json.RootElement.GetProperty("actor").GetProperty("id").GetString()!, body.GetProperty("request").GetString()!, body.GetProperty("name").GetString()!, body.GetProperty("version").GetInt64(), body.GetProperty("digest").GetString()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FileFaultException($"Receipt {row.Id}, which says which policy is in force, is damaged, so nothing is decided. Put the newest whole copy of the data folder back; \"copilot receipts verify\" shows what else is.", e);
        }
    }

    private static PolicyVersionRow Need(CopilotDb db, string digest) => db.PolicyVersions.AsNoTracking().FirstOrDefault(p => p.Digest == digest)
        ?? throw new FileFaultException($"The text of the policy {digest}, which the log names, is gone from the database. Put the newest whole copy of the data folder back; \"copilot receipts verify\" shows what else is missing.");

    private static PolicyDocument Parsed(PolicyVersionRow row) => PolicyLoader.DigestOf(row.Bytes) == row.Digest
        ? PolicyLoader.Parse($"{row.File}@{row.Digest[Prefix.Length..][..LeastDigits]}", row.Bytes).Document
        : throw new FileFaultException($"The text of the policy {row.Digest} in the database was altered, so nothing is decided by it. Put the newest whole copy of the data folder back.");
}

/// <summary>That a policy was put in force.</summary>
/// <param name="By">Who took it over.</param>
/// <param name="Request">The request for approval.</param>
internal sealed record ActivatedPolicy(DateTimeOffset At, string By, string Request, string Name, long Version, string Digest);
