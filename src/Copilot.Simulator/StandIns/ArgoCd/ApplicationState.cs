using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>One line of an application's history.</summary>
/// <param name="By">Who began it; null for automated sync.</param>
internal sealed record HistoryEntry(long Id, string Revision, DateTimeOffset Started, DateTimeOffset At, string? By);

/// <summary>A sync that was asked for.</summary>
/// <param name="Partial">Whether only some resources were named: that leaves no line in the history, nor does a dry run.</param>
internal sealed record SyncOperation(string Revision, bool DryRun, bool Prune, bool Partial, string By, DateTimeOffset Started, DateTimeOffset Finished);

/// <summary>An application as the API shows it: what was recorded, and the operations that clients asked for since.</summary>
internal sealed class ApplicationState
{
    /// <summary><c>revisionHistoryLimit</c>.</summary>
    private const int KeptHistory = 10;

    private const string Who = "admin";

    private readonly Lock _gate = new();
    private readonly ArgoCdOptions _options;
    private readonly List<HistoryEntry> _history;
    private readonly DateTimeOffset _end;
    private SyncOperation? _operation;
    private bool _applied = true;
    private string? _refresh;
    private long _version = 1;

    /// <param name="end">When the recording ends.</param>
    public ApplicationState(RecordedApplication application, ArgoCdOptions options, DateTimeOffset end)
    {
        (Application, _options, _end) = (application, options, end);
        _history = [.. application.Deployed.Select((d, i) => new HistoryEntry(i, d.Revision, d.Started, d.At, options.AutoSync ? null : Who))];
        var last = _history[^1];
        _operation = new(last.Revision, DryRun: false, Prune: false, Partial: false, last.By ?? "", last.Started, last.At);
    }

    public RecordedApplication Application { get; }

    /// <summary>What Git says.</summary>
    public string Head => Application.Deployed[^1].Revision;

    public string Project => Application.Recorded?.Text("spec", "project") is { Length: > 0 } project ? project : "default";

    private JsonObject Source => new() { ["repoURL"] = _options.RepoUrl, ["path"] = Application.Name, ["targetRevision"] = "HEAD" };

    /// <summary>Somebody sent <c>refresh</c>: Argo CD writes it into the object, so it is a write.</summary>
    public void Refresh(string kind)
    {
        lock (_gate) (_refresh, _version) = (kind, _version + 1);
    }

    public JsonObject Show()
    {
        lock (_gate)
        {
            Advance();
            var shown = Application.Recorded?.Clone() ?? Built();
            if (_refresh is not null) shown.Meta().Ensure("annotations")["argocd.argoproj.io/refresh"] = _refresh;
            return shown;
        }
    }

    /// <exception cref="RefusedRequestException">The revision is not known, or something is going on already.</exception>
    public JsonObject Sync(SyncBody body, string by)
    {
        lock (_gate)
        {
            Advance();
            var revision = body.Revision is null or "" or "HEAD" ? Head : body.Revision;
            if (_options.AutoSync && !body.DryRun && body.Revision is { Length: > 0 } asked && asked != "HEAD") throw ArgoCdErrors.Precondition($"Cannot sync to {asked}: auto-sync currently set to HEAD");
            if (!Application.Deployed.Any(d => d.Revision == revision)) throw ArgoCdErrors.Precondition($"error resolving repo revision: rpc error: code = Unknown desc = unable to resolve '{revision}' to a commit SHA");
            return Begin(revision, body.DryRun, body.Prune, body.Resources is { Count: > 0 }, by);
        }
    }

    /// <exception cref="RefusedRequestException">Auto-sync is on, there is no such deployment, or something is going on already.</exception>
    public JsonObject Rollback(SyncBody body, string by)
    {
        lock (_gate)
        {
            Advance();
            if (_options.AutoSync) throw ArgoCdErrors.Precondition("rollback cannot be initiated when auto-sync is enabled");
            var entry = _history.Find(h => h.Id == body.Id) ?? throw ArgoCdErrors.InvalidArgument($"application {Application.Name} does not have deployment with id {body.Id}");
            return Begin(entry.Revision, body.DryRun, body.Prune, partial: false, by);
        }
    }

    private JsonObject Begin(string revision, bool dryRun, bool prune, bool partial, string by)
    {
        if (Application.Recorded is not null) throw ArgoCdErrors.NotAnswered("operations on an Application that was recorded itself");
        if (!_applied) throw ArgoCdErrors.Precondition("another operation is already in progress");
        var now = _options.Clock.GetUtcNow();
        (_operation, _applied, _version) = (new(revision, dryRun, prune, partial, by, now, now + _options.OperationTakes), false, _version + 1);
        // The server takes the old state away; the controller writes the new one a moment later.
        var shown = Built();
        shown["status"]!.AsObject().Remove("operationState");
        return shown;
    }

    /// <summary>Ends an operation whose time has come.</summary>
    private void Advance()
    {
        if (_applied || _operation is not { } operation || _options.Clock.GetUtcNow() < operation.Finished) return;
        (_applied, _version) = (true, _version + 1);
        if (!operation.DryRun && !operation.Partial) _history.Add(new(_history[^1].Id + 1, operation.Revision, operation.Started, operation.Finished, operation.By));
        if (_history.Count > KeptHistory) _history.RemoveRange(0, _history.Count - KeptHistory);
    }

    private JsonObject Built()
    {
        var (application, deployed) = (Application, Application.Deployed);
        var current = _history[^1].Revision;
        var status = new JsonObject
        {
            ["resources"] = Answers.Array(application.Managed.Select(o => (JsonNode?)Resource(o))),
            ["sync"] = new JsonObject
            {
                ["status"] = current == Head ? "Synced" : "OutOfSync",
                ["comparedTo"] = new JsonObject { ["source"] = Source, ["destination"] = Destination() },
                ["revision"] = Head,
            },
            ["health"] = application.Health.Json(),
            ["history"] = Answers.Array(_history[Math.Max(0, _history.Count - KeptHistory)..].Select(h => (JsonNode?)Entry(h))),
            ["reconciledAt"] = _end.Stamp(),
            ["operationState"] = OperationState(),
            ["sourceType"] = "Directory",
            ["summary"] = new JsonObject { ["images"] = Answers.Array(application.Objects.Where(o => o.Text("kind") == "Pod").SelectMany(ResourceTrees.Images).Distinct().Order(StringComparer.Ordinal)) },
        };
        var spec = new JsonObject { ["source"] = Source, ["destination"] = Destination(), ["project"] = Project };
        if (_options.AutoSync) spec["syncPolicy"] = new JsonObject { ["automated"] = new JsonObject() };
        var shown = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = application.Name,
                ["namespace"] = "argocd",
                ["uid"] = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(application.Name)).AsSpan(0, 16)).ToString(),
                ["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture),
                ["generation"] = _version,
                ["creationTimestamp"] = deployed[0].Started.Stamp(),
            },
            ["spec"] = spec,
            ["status"] = status,
        };
        if (!_applied) shown["operation"] = Operation();
        return shown;
    }

    private JsonObject Destination() => new() { ["server"] = "https://kubernetes.default.svc", ["namespace"] = Application.Namespace };

    private JsonObject Entry(HistoryEntry entry) => new()
    {
        ["revision"] = entry.Revision,
        ["deployedAt"] = entry.At.Stamp(),
        ["id"] = entry.Id,
        ["source"] = Source,
        ["deployStartedAt"] = entry.Started.Stamp(),
        ["initiatedBy"] = Initiator(entry.By),
    };

    private static JsonObject Initiator(string? by) => string.IsNullOrEmpty(by) ? new() { ["automated"] = true } : new() { ["username"] = by };

    private JsonObject Operation()
    {
        var sync = new JsonObject { ["revision"] = _operation!.Revision };
        if (_operation.DryRun) sync["dryRun"] = true;
        if (_operation.Prune) sync["prune"] = true;
        return new() { ["sync"] = sync, ["initiatedBy"] = Initiator(_operation.By), ["retry"] = new JsonObject() };
    }

    private JsonObject OperationState()
    {
        var state = new JsonObject { ["operation"] = Operation(), ["phase"] = _applied ? "Succeeded" : "Running", ["message"] = _applied ? "successfully synced (all tasks run)" : "one or more tasks are running" };
        state["syncResult"] = new JsonObject
        {
            ["resources"] = Answers.Array(_applied ? Application.Managed.Select(o => (JsonNode?)Synced(o)) : []),
            ["revision"] = _operation!.Revision,
            ["source"] = Source,
        };
        state["startedAt"] = _operation.Started.Stamp();
        if (_applied) state["finishedAt"] = _operation.Finished.Stamp();
        return state;
    }

    private static JsonObject Resource(JsonObject body)
    {
        var resource = ResourceTrees.Reference(body);
        resource["version"] = ResourceTrees.Version(body);
        resource["status"] = "Synced";
        if (ObjectHealth.Of(body) is { } health) resource["health"] = health.Json();
        return resource;
    }

    private static JsonObject Synced(JsonObject body)
    {
        var resource = ResourceTrees.Reference(body);
        resource["version"] = ResourceTrees.Version(body);
        resource["status"] = "Synced";
        resource["message"] = $"{body.Text("kind").ToLowerInvariant()}{(ObjectHealth.Group(body) is { Length: > 0 } group ? $".{group}" : "")}/{body.Name()} unchanged";
        resource["hookPhase"] = "Running";
        resource["syncPhase"] = "Sync";
        return resource;
    }
}
