using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Leads each request to its handler and words every refusal as a <c>Status</c>.</summary>
internal sealed class ApiRouter(ObjectWrites writes, PodLogs logs, AccessControl access, Func<MetricsServer> metrics, TimeProvider clock, CancellationToken stopping)
{
    private readonly ReadHandlers _reads = new(writes.Store, clock);
    private readonly WatchHandler _watches = new(writes.Store, clock, stopping);
    private readonly WriteHandlers _writing = new(writes);
    private readonly PodSubresources _pods = new(writes, logs, stopping);
    private readonly MetricsApi _metrics = new(writes.Store, clock);

    public async Task Handle(HttpContext http)
    {
        try
        {
            AccessControl.ReadPath(http.Request);
            var account = access.Account(http.Request.Headers.Authorization.ToString());
            KubernetesMeter.Count(account, http.Request.Method);
            if (ApiRequest.Parse(http) is { } request) await Serve(request with { Account = account });
            else await ServePath(http);
        }
        catch (ApiErrorException e)
        {
            if (e.RetryAfterSeconds is { } seconds) http.Response.Headers.RetryAfter = $"{seconds}";
            await Bodies.Write(http, e.Code, e.ToStatus());
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer.
        }
    }

    /// <summary>An error as an injected fault answers it.</summary>
    public static ErrorBody Error(int code)
    {
        var (reason, message) = code switch
        {
            401 => ("Unauthorized", "Unauthorized"),
            403 => ("Forbidden", "forbidden"),
            404 => ("NotFound", "the server could not find the requested resource"),
            409 => ("Conflict", "the server reported a conflict"),
            410 => ("Expired", "The resourceVersion for the provided watch is too old."),
            429 => ("TooManyRequests", "too many requests, please try again later"),
            500 => ("InternalError", "Internal error occurred: an injected fault"),
            503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
            504 => ("Timeout", "request did not complete within the allotted timeout"),
            _ => ("", $"the server answered {code}"),
        };
        return new("application/json", new ApiErrorException(code, reason, message).ToStatus().ToJsonString());
    }

    private async Task Serve(ApiRequest request)
    {
        var (kind, verb) = (request.Kind, request.Verb);
        if (kind.Group == ResourceKinds.MetricsGroup && metrics() != MetricsServer.Up)
            throw metrics() == MetricsServer.Absent ? ApiErrorException.NoSuchPath() : new ApiErrorException(503, "ServiceUnavailable", "the server is currently unable to handle the request");
        if (request.Subresource.Length > 0 && !kind.Subresources.Contains(request.Subresource)) throw ApiErrorException.NoSuchPath();
        if (request.Subresource.Length == 0 && !kind.Verbs.Contains(verb)) throw ApiErrorException.MethodNotAllowed();
        AccessControl.Demand(request.Account, verb, kind, request.Subresource, request.Namespace, request.Name);
        if (kind.Group == ResourceKinds.MetricsGroup)
        {
            await _metrics.Serve(request);
            return;
        }
        if (kind.Group is "authorization.k8s.io" or "authentication.k8s.io")
        {
            await Bodies.Write(request.Http, 201, AccessControl.Review(request.Account, kind, await Bodies.ReadObject(request.Http.Request)));
            return;
        }
        await (request.Subresource switch
        {
            "log" when verb == "get" => _pods.Log(request),
            "eviction" when verb == "create" => _pods.Evict(request),
            "scale" when verb == "get" => Scaled(request),
            "finalize" when verb == "update" => _writing.Update(request),
            "" or "scale" or "status" => Plain(request, verb),
            _ => throw ApiErrorException.MethodNotAllowed(),
        });
    }

    private Task Plain(ApiRequest request, string verb) => verb switch
    {
        "get" => _reads.Get(request),
        "list" => _reads.List(request),
        "watch" => _watches.Watch(request),
        "create" when request.Name.Length == 0 => CreateIn(request),
        "update" when request.Name.Length > 0 => _writing.Update(request),
        "patch" when request.Name.Length > 0 => _writing.Patch(request),
        "delete" when request.Subresource.Length == 0 => _writing.Delete(request),
        "deletecollection" => _writing.DeleteCollection(request),
        _ => throw ApiErrorException.MethodNotAllowed(),
    };

    private Task CreateIn(ApiRequest request) =>
        request.Kind.Namespaced && request.Namespace.Length == 0 ? throw ApiErrorException.MethodNotAllowed() : _writing.Create(request);

    private Task Scaled(ApiRequest request) =>
        Bodies.Write(request.Http, 200, Scale.Of(writes.Store.Get(request.Kind, request.Namespace, request.Name) ?? throw ApiErrorException.NotFound(request.Kind, request.Name)));

    private async Task ServePath(HttpContext http)
    {
        if (!HttpMethods.IsGet(http.Request.Method)) throw ApiErrorException.NoSuchPath();
        var path = (http.Request.Path.Value ?? "").TrimEnd('/');
        if (path is "/healthz" or "/livez" or "/readyz")
        {
            http.Response.ContentType = "text/plain; charset=utf-8";
            await http.Response.WriteAsync("ok", http.RequestAborted);
            return;
        }
        var aggregated = path is "/api" or "/apis" && http.Request.Headers.Accept.ToString().Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal)
            && http.Request.Headers.Accept.ToString().Contains("v=v2;", StringComparison.Ordinal);
        var kinds = metrics() == MetricsServer.Up ? ResourceKinds.All : [.. ResourceKinds.All.Where(k => k.Group != ResourceKinds.MetricsGroup)];
        var answer = aggregated ? Discovery.AggregatedGroups(kinds, path == "/api") : Document(path, kinds, http.Request.Host.ToString());
        await Bodies.Write(http, 200, answer ?? throw ApiErrorException.NoSuchPath(), aggregated ? Discovery.Aggregated : "application/json");
    }

    private static JsonObject? Document(string path, IReadOnlyList<ResourceKind> kinds, string address) => path switch
    {
        "/version" => Discovery.Version(),
        "/api" => Discovery.CoreVersions(address),
        "/apis" => Discovery.Groups(kinds),
        "/api/v1" => Discovery.Resources(kinds, "", "v1"),
        "/openapi/v3" => Discovery.OpenApiPaths(kinds),
        _ when path.StartsWith("/openapi/v3/", StringComparison.Ordinal) => Discovery.OpenApi(kinds, path["/openapi/v3/".Length..]),
        _ when path.StartsWith("/apis/", StringComparison.Ordinal) => path.Split('/') switch
        {
            [_, _, var group] => Discovery.Group(kinds, group),
            [_, _, var group, var version] => Discovery.Resources(kinds, group, version),
            _ => null,
        },
        _ => null,
    };
}
