using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>
/// Holds that nothing was handed over to be carried out before it was approved: each consumed grant was issued before, for the same request, within its time and once; and it rests on votes of
/// so many distinct people as were asked for, none of whom asked for it themselves, or on what policy let through, or on a broken glass. What an executor says of a step is signed by it. A policy
/// was put in force by such a grant, in place of the one that was.
/// </summary>
/// <param name="isExcerpt">Whether what came before may stand in a part of the log that is not here.</param>
internal sealed class ApprovalOrder(bool isExcerpt, VerifySignature? verify)
{
    /// <summary>Beyond so many requirements nobody goes through all their combinations.</summary>
    private const int MostRequirements = 12;

    /// <summary>However few a policy asks for another one.</summary>
    internal const int LeastPeople = 2;

    private readonly Faults _faults = new("approval", "Something was handed over that nobody is proved to have approved.");
    private readonly Dictionary<string, Request> _requests = [];
    private readonly Dictionary<string, (string Request, JsonElement Grant)> _grants = [];
    private readonly HashSet<string> _consumed = [];
    private readonly Dictionary<string, string> _executors = [];
    private readonly HashSet<string> _activated = [];
    private string? _inForce;
    private long _effects;
    private long _elsewhere;
    private long _unsigned;

    /// <param name="key">The log's key at this receipt; null when it is not known.</param>
    public void Add(long at, StoredReceipt receipt, string? key)
    {
        if (receipt.Says is not ReceiptSays.Happened { Body: var body }) return;
        if (receipt.Type == ReceiptType.ExecutorAdmitted)
        {
            _executors[Text(body, "executor"u8)] = Text(body, "key"u8);
            return;
        }
        var id = Text(body, "request"u8);
        if (receipt.Type == ReceiptType.ApprovalRequested)
        {
            if (!_requests.TryAdd(id, new(body.GetProperty("ask"u8)) { State = Text(body, "to"u8) })) _faults.Add(at, "begins a request that is there already");
            return;
        }
        if (!_requests.TryGetValue(id, out var request))
        {
            if (isExcerpt) _elsewhere++;
            else _faults.Add(at, "tells of a request that was never begun");
            return;
        }
        if (receipt.Type == ReceiptType.PolicyActivated)
        {
            Activated(at, id, body);
            return;
        }
        if (body.GetProperty("version"u8).GetInt64() is var version && version != ++request.Version) _faults.Add(at, $"is number {version} of its request where {request.Version} is due");
        if (!body.TryGetProperty("from"u8, out var from) || from.GetString() != request.State) _faults.Add(at, $"does not go on from {request.State}, where the request stood");
        request.State = Text(body, "to"u8);
        switch (receipt.Type)
        {
            case ReceiptType.ApprovalVoted:
                request.Vote(body.GetProperty("vote"u8));
                break;
            case ReceiptType.ApprovalWithdrawn:
                request.Withdraw(Text(body, "person"u8));
                break;
            case ReceiptType.ApprovalGranted or ReceiptType.ApprovalGlassBroken:
                Grant(at, id, request, body.GetProperty("grant"u8), receipt.Type, key);
                break;
            case ReceiptType.ApprovalStepped:
                Report(at, id, body, body.GetProperty("report"u8));
                break;
            case ReceiptType.ApprovalReconciled:
                foreach (var report in body.GetProperty("reports"u8).EnumerateArray()) Report(at, id, body, report);
                break;
            case ReceiptType.ApprovalClaimed:
                request.Executor = (Text(body, "executor"u8), body.GetProperty("fence"u8).GetInt64());
                if (body.TryGetProperty("grant"u8, out var consumed)) Consume(at, id, consumed.GetString()!, Text(body, "at"u8));
                break;
            case ReceiptType.ApprovalTaken when body.TryGetProperty("grant"u8, out var grant):
                Consume(at, id, grant.GetString()!, Text(body, "at"u8));
                break;
        }
    }

    public ReceiptCheck Check() => _faults.Check(_effects == 0
        ? "No receipt tells of an effect: nothing was changed that an approval would have to precede."
        : $"Each of the {_effects} steps that were handed over rests on a grant that was issued before and consumed once{(_unsigned > 0 ? $"; {_unsigned} signatures of grants and steps were not checked" : "")}{(_elsewhere > 0 ? $"; {_elsewhere} receipts are of requests that are not here" : "")}.");

    private void Grant(long at, string id, Request request, JsonElement grant, ReceiptType type, string? key)
    {
        if (!_grants.TryAdd(Text(grant, "id"u8), (id, grant))) _faults.Add(at, "issues a grant that was issued before");
        if (Text(grant, "request"u8) != id || Text(grant, "plan"u8) != request.Plan || Text(grant, "world"u8) != request.World) _faults.Add(at, "issues a grant for something else than was asked");
        if (type == ReceiptType.ApprovalGlassBroken != (Text(grant, "by"u8) == "break-glass")) _faults.Add(at, "issues a grant that does not rest on what it says");
        if (Text(grant, "by"u8) == "policy" && request.Effect != "allow") _faults.Add(at, "lets through by policy what people had to agree to");
        if (Text(grant, "by"u8) == "votes" && request.Fault() is { } fault) _faults.Add(at, fault);
        if (verify is null || key is null || !NoteKey.TryParse(key, out var known, out _)) _unsigned++;
        else if (!IsSigned(grant, known!)) _faults.Add(at, "issues a grant that is not signed with the log's key");
    }

    private void Consume(long at, string id, string grant, string when)
    {
        _effects++;
        if (!_grants.TryGetValue(grant, out var issued) || issued.Request != id) _faults.Add(at, "hands over what no grant before it allows");
        else if (!_consumed.Add(grant)) _faults.Add(at, "consumes a grant a second time");
        // Times of one form: as texts they are in order.
        else if (string.CompareOrdinal(when, Text(issued.Grant, "not_before"u8)) < 0 || string.CompareOrdinal(when, Text(issued.Grant, "not_after"u8)) >= 0) _faults.Add(at, "consumes a grant outside of its time");
    }

    private void Activated(long at, string id, JsonElement body)
    {
        if (_inForce is { } before && before != Text(body, "replaces"u8)) _faults.Add(at, "puts a policy in the place of one that was not in force");
        var grant = Text(body, "grant"u8);
        if (_requests[id] is { HasIncident: true } or { People: < LeastPeople } || _requests[id].Policy != Text(body, "replaces"u8)) _faults.Add(at, "puts a policy in force that its request was not for");
        if (!_consumed.Contains(grant) || _grants[grant].Request != id) _faults.Add(at, "puts a policy in force that no consumed grant before it allows");
        else if (Text(_grants[grant].Grant, "by"u8) != "votes") _faults.Add(at, "puts a policy in force that nobody voted for");
        else if (!_activated.Add(grant)) _faults.Add(at, "puts a policy in force by a grant that put one in force before");
        _inForce = Text(body, "digest"u8);
    }

    /// <summary>What an executor says counts from the one that has it in hand, signed by the key that it was admitted with.</summary>
    private void Report(long at, string id, JsonElement body, JsonElement report)
    {
        var (executor, fence) = (Text(body, "executor"u8), body.GetProperty("fence"u8).GetInt64());
        if (_requests[id].Executor != (executor, fence)) _faults.Add(at, "is said by an executor that does not have it in hand");
        if (!_executors.TryGetValue(executor, out var key))
        {
            if (isExcerpt) _elsewhere++;
            else _faults.Add(at, "is said by an executor that was never admitted");
            return;
        }
        if (verify is null || !NoteKey.TryParse(key, out var known, out _))
        {
            _unsigned++;
            return;
        }
        var text = JsonNode.Parse(report.GetRawText())!.AsObject();
        text["executor"] = executor;
        text["request"] = id;
        text["fence"] = fence;
        foreach (var member in (string[])["uid", "resource_version"]) text[member] = text[member]?.DeepClone();
        if (!IsSigned(text, "copilot-step/1\n"u8, known!)) _faults.Add(at, "is not signed with the key of the executor");
    }

    private bool IsSigned(JsonElement grant, NoteKey key) => IsSigned(JsonNode.Parse(grant.GetRawText())!.AsObject(), "copilot-grant/1\n"u8, key);

    private bool IsSigned(JsonObject text, ReadOnlySpan<byte> first, NoteKey key)
    {
        var signature = new byte[64];
        if (!Convert.TryFromBase64String(text["signature"]!.GetValue<string>(), signature, out var length) || length != signature.Length) return false;
        text.Remove("signature");
        return verify!(key.PublicKey.Span, [.. first, .. CanonicalJson.Serialize(text)], signature);
    }

    private static string Text(JsonElement map, ReadOnlySpan<byte> member) => map.GetProperty(member).GetString()!;

    private sealed class Request(JsonElement ask)
    {
        private readonly string _presented = Text(ask, "presented_digest"u8);
        private readonly HashSet<string> _excluded = [.. Texts(ask.GetProperty("excluded"u8))];
        private readonly List<(string Group, long Count)> _requirements = [.. ask.GetProperty("requirements"u8).EnumerateArray().Select(r => (Text(r, "group"u8), r.GetProperty("count"u8).GetInt64()))];
        private readonly Dictionary<string, HashSet<string>> _agreed = [];

        public long Version { get; set; } = 1;

        public required string State { get; set; }

        /// <summary>Which executor has it in hand, and under which fence.</summary>
        public (string Name, long Fence) Executor { get; set; }

        public string Plan { get; } = Text(ask, "plan_digest"u8);

        public string World { get; } = Text(ask, "world_digest"u8);

        public string Effect { get; } = Text(ask, "effect"u8);

        /// <summary>The digest of the policy that decided who is asked.</summary>
        public string Policy { get; } = Text(ask, "policy"u8);

        public bool HasIncident { get; } = ask.TryGetProperty("incident"u8, out _);

        /// <summary>How many are asked for.</summary>
        public long People => _requirements.Sum(r => r.Count);

        public void Vote(JsonElement vote)
        {
            _agreed.Remove(Text(vote, "person"u8));
            if (vote.GetProperty("approves"u8).GetBoolean() && Text(vote, "presented"u8) == _presented) _agreed[Text(vote, "person"u8)] = [.. Texts(vote.GetProperty("roles"u8))];
        }

        public void Withdraw(string person) => _agreed.Remove(person);

        /// <summary>
        /// Each person fills one place. All places can be filled just if for every choice of requirements there are as many people for them as they ask for (P. Hall, "On representatives of
        /// subsets", 1935).
        /// </summary>
        public string? Fault()
        {
            if (_agreed.Keys.FirstOrDefault(_excluded.Contains) is not null) return "counts the vote of somebody who asked for it";
            if (_requirements.Count > MostRequirements) return $"asks for more than {MostRequirements} roles, which nobody goes through";
            for (var choice = 1; choice < 1 << _requirements.Count; choice++)
            {
                var chosen = _requirements.Where((_, i) => (choice >> i & 1) == 1).ToList();
                var people = _agreed.Values.Count(roles => chosen.Exists(c => roles.Contains(c.Group)));
                if (people < chosen.Sum(c => c.Count)) return $"issues a grant on {people} votes where {chosen.Sum(c => c.Count)} are asked for";
            }
            return _requirements.Count == 0 ? "issues a grant on votes that nobody asked for" : null;
        }

        private static IEnumerable<string> Texts(JsonElement list) => list.EnumerateArray().Select(t => t.GetString()!);
    }
}
