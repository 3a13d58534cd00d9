using Copilot.Core.Approvals;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Xunit;

namespace Copilot.Tests.Approvals;

/// <summary>What tests ask people, and the people: ann and bob are on call, bob and cat lead, dan is in neither group; eve asked by an agent.</summary>
internal static class Asked
{
    public const string Oncall = "group/sre-oncall";
    public const string Leads = "group/sre-leads";
    public const string Incident = "01K0NC1DENT000000000000000";
    public const string Plan = "{\"schema\":\"plan\"}";

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly ApprovalRequirement OneOncall = new("sre-oncall", Oncall, 1);
    public static readonly ApprovalRequirement TwoOncall = new("sre-oncall", Oncall, 2);
    public static readonly ApprovalRequirement OneLead = new("sre-lead", Leads, 1);

    public static readonly IReadOnlyDictionary<string, string[]> Groups = new Dictionary<string, string[]>
    {
        ["ann"] = [Oncall],
        ["bob"] = [Oncall, Leads],
        ["cat"] = [Leads],
        ["dan"] = [],
        ["eve"] = [Oncall, Leads],
    };

    private static int _ids;

    public static string Hash(char digit) => "sha256:" + new string(digit, 64);

    /// <summary>Signs nothing anybody could verify; the store's tests do.</summary>
    public static GrantIssuer Issuer => new(Ulid.Create(Start, BitConverter.GetBytes((long)Interlocked.Increment(ref _ids)).Concat(new byte[2]).ToArray()), "none", message => Convert.ToBase64String(message[..8]));

    public static ApprovalAsk Ask(params IReadOnlyList<ApprovalRequirement> requirements) => new(
        Incident, ReceiptActor.Copilot, new(ActorKind.Human, "os:eve", "os-user"), ["eve"], new() { ["schema"] = "plan" }, Hash('a'), new() { ["facts"] = 1 }, Hash('b'),
        [new("kubectl rollout undo deployment/web", Exact: true, "kubectl rollout undo deployment/web --to-revision=4", BackExact: true)],
        "Roll web back\n", Presentation.DigestOf("Roll web back\n", Hash('a')), Hash('c'), ["writes"], [new Dictionary<string, string> { ["kind"] = "k8s.rollout.undo" }], Hash('d'),
        requirements.Count > 0 ? "require_approval" : "allow", Absolute: false, requirements, DecideWithinS: 3600, ExecuteWithinS: 1800, BreakGlassOnly: false, LowAssurance: false, "sev1", "production");

    /// <summary>That a policy takes the place of another, which asks two of whoever is on call.</summary>
    public static ApprovalAsk Activation(PolicyDocument policy, string replaces)
    {
        var by = new ReceiptActor(ActorKind.Human, "os:eve", "os-user");
        var (plan, world) = (PolicyActivation.PlanOf(by, policy, replaces), PolicyActivation.WorldOf(replaces));
        return Ask(TwoOncall) with
        {
            Incident = null,
            Requester = by,
            OnBehalfOf = null,
            Plan = plan.ToJson(),
            PlanDigest = plan.Digest,
            World = world.ToJson(),
            WorldDigest = world.Digest,
            Commands = PolicyActivation.Commands(replaces),
            Severity = null,
            Environment = null,
            Facts = [new Dictionary<string, string> { ["kind"] = "copilot.policy.activate" }],
        };
    }

    public static ApprovalRequest Pending(params IReadOnlyList<ApprovalRequirement> requirements) => Of(Ask(requirements.Count > 0 ? requirements : [OneOncall]));

    public static ApprovalRequest Of(ApprovalAsk ask) => Voting.Ask("01K0REQVEST000000000000000", ask, Start, Issuer).Request;

    /// <summary>Somebody known by their own key.</summary>
    public static Principal Strong(string person, params string[] groups) => new(new(ActorKind.Human, person, Principal.SignedAssurance), person, groups.Length > 0 ? groups : Groups[person]);

    /// <summary>Somebody known by the operating system's user only.</summary>
    public static Principal Weak(string person) => new(new(ActorKind.Human, $"os:{person}", "os-user"), person, Groups[person]);

    public static (string Signature, string Key) Signed => ("c2lnbmVk", "0a0b0c0d");

    /// <summary>Everybody holds what they hold, and the policy is the one that decided.</summary>
    public static Standing Now(ApprovalRequest request, PolicyOutcome? policy = null, params string[] lost) => new(
        new(Hash('e'), policy ?? request.Ask.Outcome), Groups.Where(g => !lost.Contains(g.Key)).ToDictionary(g => g.Key, g => (IReadOnlyCollection<string>)g.Value));

    public static Standing WithoutPolicy(ApprovalRequest request) => Now(request) with { Policy = null };

    public static ApprovalResult Vote(ApprovalRequest request, Principal by, bool approves = true, string? presented = null, int after = 60, Standing? standing = null, string reason = "seen") =>
        Voting.Cast(request, by, approves, reason, presented ?? request.Ask.PresentedDigest, by.IsStrong ? Signed : null, Start.AddSeconds(after), standing ?? Now(request), Issuer);

    public static ApprovalRequest Approved(ApprovalRequest request, params string[] people) => people.Aggregate(request, (r, p) => Moved(Vote(r, Strong(p))));

    public static ApprovalRequest Ready() => Approved(Pending(), "ann");

    public static ApprovalResult Take(ApprovalRequest request, Principal? by = null, int after = 120, Standing? standing = null, WorldCheck? world = null) =>
        CarryingOut.Take(request, by ?? Strong("ann"), Start.AddSeconds(after), standing ?? Now(request), world ?? new WorldCheck.Same());

    public static ApprovalRequest HandedOff() => Moved(Take(Ready()));

    public static ApprovalRequest Verifying() => Moved(CarryingOut.Report(HandedOff(), Strong("ann"), carriedOut: true, "done", Start.AddSeconds(180)));

    public static ApprovalResult BreakGlass(ApprovalRequest request, Principal? by = null, string reason = "the shop is down and nobody answers", string? presented = null, bool signed = true, int after = 60, Standing? standing = null) =>
        Voting.BreakGlass(request, by ?? Strong("ann"), reason, presented ?? request.Ask.PresentedDigest, signed ? Signed : null, ["sev1"], Start.AddSeconds(after), standing ?? Now(request), Issuer);

    public static ApprovalRequest Moved(ApprovalResult? result) => Assert.IsType<ApprovalResult.Moved>(result).Request;

    /// <summary>The state it led to, or the code it was refused with, or that it was so already.</summary>
    public static string Word(ApprovalResult result) => result switch
    {
        ApprovalResult.Moved moved => moved.Request.State.Name(),
        ApprovalResult.Same => "same",
        ApprovalResult.Refused refused => $"refused: {refused.Code}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static void Refused(RefusalCode code, ApprovalResult result) => Assert.Equal($"refused: {code}", Word(result));
}
