using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>
/// Answers Argo CD's REST API (argo-cd, assets/swagger.json) for the applications that the objects of a snapshot make up, or that it recorded. docs/stand-ins.md says how.
/// </summary>
public sealed class ArgoCdStandIn
{
    private readonly RecordedTelemetry _telemetry;
    private readonly ArgoCdOptions _options;
    private readonly Dictionary<string, ApplicationState> _applications = [];
    private readonly List<JsonObject> _nodes;
    private readonly List<JsonObject> _events;
    private readonly ArgoCdAccess _access;

    private ArgoCdStandIn(RecordedTelemetry telemetry, ArgoCdOptions options)
    {
        (_telemetry, _options) = (telemetry, options);
        var end = DateTimeOffset.UnixEpoch.AddTicks(telemetry.End / 100);
        foreach (var application in RecordedApplications.Of(telemetry)) _applications[application.Name] = new(application, options, end);
        _nodes = [.. telemetry.ObjectsAtEnd.Where(o => o.Resource == "nodes").Select(RecordedApplications.Body).OfType<JsonObject>()];
        _events = [.. telemetry.Events.Select(RecordedApplications.Body).OfType<JsonObject>().Where(e => e.Text("apiVersion") == "v1").GroupBy(e => (e.Namespace(), e.Name())).Select(g => g.Last())];
        _access = new(options, _applications);
    }

    /// <param name="telemetry">What it answers from.</param>
    /// <param name="port">0 for any free one.</param>
    public static Task<StandInServer> Start(RecordedTelemetry telemetry, ArgoCdOptions? options = null, int port = 0, CancellationToken cancellation = default) =>
        StandInServer.Start("argocd", new ArgoCdStandIn(telemetry, options ?? new()).Map, ArgoCdErrors.Injected, port, cancellation);

    private void Map(IEndpointRouteBuilder routes)
    {
        const string one = "/api/v1/applications/{name}";
        Route("GET", "/api/version", ArgoCdSettings.Version);
        Route("GET", "/api/v1/session/userinfo", context => ArgoCdSettings.User(context, _access.Known(context)));
        Route("GET", "/api/v1/projects", LoggedIn(ArgoCdSettings.Projects));
        Route("GET", "/api/v1/clusters", LoggedIn(ArgoCdSettings.Clusters));
        Route("GET", "/api/v1/applications", List);
        Route("GET", one, context => context.Json(Get(context)));
        Route("GET", $"{one}/resource-tree", context => context.Json(Tree(context)));
        Route("GET", $"{one}/managed-resources", context => context.Json(ResourceTrees.Managed(Seen(context).Application, Wanted(context))));
        Route("GET", $"{one}/manifests", context => context.Json(Manifests(context)));
        Route("GET", $"{one}/events", context => context.Json(Events(context)));
        Route("GET", $"{one}/revisions/{{revision}}/metadata", context => context.Json(Metadata(context)));
        Route("GET", $"{one}/syncwindows", Windows);
        Route("GET", $"{one}/logs", Logs);
        Route("POST", $"{one}/sync", context => Write(context, (state, body, by) => state.Sync(body, by)));
        Route("POST", $"{one}/rollback", context => Write(context, (state, body, by) => state.Rollback(body, by)));
        foreach (var (method, path, action) in new[]
        {
            ("PUT", one, "update"), ("PATCH", one, "update"), ("DELETE", one, "delete"), ("PUT", $"{one}/spec", "update"), ("DELETE", $"{one}/operation", "sync"), ("POST", $"{one}/resource", "update"),
            ("DELETE", $"{one}/resource", "delete"), ("POST", $"{one}/resource/actions", "action"),
        })
        {
            Route(method, path, context => Refused(context, action));
        }
        Route("POST", "/api/v1/applications", LoggedIn(_ => throw ArgoCdErrors.Denied));
        Route("GET", "/api/v1/stream/applications", LoggedIn(_ => throw ArgoCdErrors.NotAnswered("streams of applications")));
        routes.MapFallback("/{**path}", context => context.Json(new JsonObject { ["error"] = "Not Found", ["code"] = 5, ["message"] = "Not Found" }, 404));

        Func<HttpContext, Task> LoggedIn(Func<HttpContext, Task> answer) => context =>
        {
            _access.Account(context);
            return answer(context);
        };

        void Route(string method, string path, Func<HttpContext, Task> answer) => routes.Map(method, path, answer, ArgoCdErrors.Answer);
    }

    private Task List(HttpContext context)
    {
        var account = _access.Account(context);
        var projects = context.Request.Query["projects"].Concat(context.Request.Query["project"]).OfType<string>().Where(p => p.Length > 0).ToHashSet();
        var (name, repo, ns, selector) = (context.Argument("name"), context.Argument("repo"), context.Argument("appNamespace"), Selector(context));
        var items = ns is not null and not "argocd" ? [] : _access.Visible(account)
            .Where(a => (projects.Count == 0 || projects.Contains(a.Project)) && (name is null || a.Application.Name == name))
            .Select(a => a.Show()).Where(a => (repo is null || a.Text("spec", "source", "repoURL") == repo) && selector(a)).ToList();
        var answer = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = "1" }, ["items"] = items.Count > 0 ? Answers.Array(items) : null };
        if (context.Argument("fields") is { } fields) FieldMask.Apply(answer, fields);
        return context.Json(answer);
    }

    private static Func<JsonObject, bool> Selector(HttpContext context)
    {
        try
        {
            return Selectors.Labels(context.Argument("selector") ?? "");
        }
        catch (ApiErrorException e)
        {
            throw ArgoCdErrors.Of(500, $"error parsing the selector: {e.Message}");
        }
    }

    private JsonObject Get(HttpContext context)
    {
        var state = Seen(context);
        if (context.Argument("refresh") is { } refresh) state.Refresh(refresh == "hard" ? "hard" : "normal");
        return state.Show();
    }

    private JsonObject Tree(HttpContext context)
    {
        var state = Seen(context);
        return _options.TreeFails ? throw ArgoCdErrors.Of(500, "error getting cached app resource tree: EOF") : ResourceTrees.Tree(state.Application, _nodes);
    }

    private Task Windows(HttpContext context)
    {
        Seen(context);
        return context.Json(new JsonObject { ["canSync"] = true });
    }

    private JsonObject Manifests(HttpContext context)
    {
        var state = Seen(context);
        if (context.Argument("revision") is { } revision && revision != "HEAD" && revision != state.Head) throw ArgoCdErrors.NotAnswered("manifests of another revision, which a recording does not hold");
        return new JsonObject
        {
            ["manifests"] = Answers.Array(state.Application.Managed.Select(ResourceTrees.Manifest)),
            ["namespace"] = state.Application.Namespace,
            ["server"] = "https://kubernetes.default.svc",
            ["revision"] = state.Head,
            ["sourceType"] = "Directory",
        };
    }

    /// <summary>Events of the Application itself, of which a recording has none, or of one of its objects.</summary>
    private JsonObject Events(HttpContext context)
    {
        var state = Seen(context);
        var (name, uid, ns) = (context.Argument("resourceName"), context.Argument("resourceUID"), context.Argument("resourceNamespace") ?? "");
        List<JsonObject> found = [];
        if (name is not null || uid is not null)
        {
            if (!state.Application.Objects.Concat(state.Application.Orphans).Any(o => o.Name() == name && o.Uid() == uid && o.Namespace() == ns))
                throw ArgoCdErrors.InvalidArgument($"{name} not found as part of application {state.Application.Name}");
            found = [.. _events.Where(e => e.Text("involvedObject", "name") == name && e.Text("involvedObject", "namespace") == ns && e.Text("involvedObject", "uid") == uid)];
        }
        return new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = "1" }, ["items"] = Answers.Array(found.Select(e => (JsonNode?)e.Clone())) };
    }

    private JsonObject Metadata(HttpContext context)
    {
        var (state, revision) = (Seen(context), (string)context.Request.RouteValues["revision"]!);
        if (revision.Length != 40 || !revision.All(char.IsAsciiHexDigitLower)) throw ArgoCdErrors.Of(500, $"revision {revision} must be resolved");
        var found = state.Application.Deployed.FirstOrDefault(d => d.Revision == revision) ?? throw ArgoCdErrors.Of(500, $"fatal: bad object {revision}");
        return new JsonObject { ["author"] = "recording <recording@example.invalid>", ["date"] = found.At.Stamp(), ["message"] = found.Message };
    }

    private async Task Logs(HttpContext context)
    {
        var query = new PodLogQuery(context, Seen(context).Application, _telemetry.End);
        context.Response.ContentType = "application/json";
        foreach (var line in query.Lines(_telemetry.Logs)) await context.Response.WriteAsync(line.ToJsonString(Answers.Plain) + "\n", context.RequestAborted);
    }

    private async Task Write(HttpContext context, Func<ApplicationState, SyncBody, string, JsonObject> act)
    {
        var account = _access.Account(context);
        var body = SyncBody.Parse(await context.Body());
        var state = _access.Application(context, account, Named(body.Project), Named(body.AppNamespace));
        ArgoCdAccess.MustHave(account, "sync", state);
        if (body.Manifests is { Count: > 0 }) throw ArgoCdErrors.NotAnswered("a sync of local manifests");
        await context.Json(act(state, body, account.Name));

        static string? Named(string? text) => string.IsNullOrEmpty(text) ? null : text;
    }

    private Task Refused(HttpContext context, string action)
    {
        var state = Seen(context);
        ArgoCdAccess.MustHave(_access.Account(context), action, state);
        throw ArgoCdErrors.NotAnswered($"{context.Request.Method} {context.Request.Path}");
    }

    private ApplicationState Seen(HttpContext context) => _access.Application(context, _access.Account(context), context.Argument("project"), context.Argument("appNamespace"));

    private static Func<JsonObject, bool> Wanted(HttpContext context)
    {
        var (group, kind, ns, name) = (context.Argument("group"), context.Argument("kind"), context.Argument("namespace"), context.Argument("name"));
        return o => (group is null || ObjectHealth.Group(o) == group) && (kind is null || o.Text("kind") == kind) && (ns is null || o.Namespace() == ns) && (name is null || o.Name() == name);
    }
}
