using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Actions.Api;
using Copilot.Core.Evidence;
using k8s;

namespace Copilot.Executor;

/// <summary>What came of sending a change.</summary>
internal abstract record Sent
{
    private Sent()
    {
    }

    /// <param name="Object">As it is now.</param>
    public sealed record Taken(JsonObject Object) : Sent;

    /// <summary>Somebody wrote to the object first. Nothing was changed.</summary>
    public sealed record Conflict : Sent;

    /// <summary>It has too much to do. Nothing was changed.</summary>
    public sealed record Later(TimeSpan Wait) : Sent;

    /// <summary>Nothing was changed.</summary>
    public sealed record Refused(string Why) : Sent;

    /// <summary>The answer was lost: it may have been changed or not.</summary>
    public sealed record Lost(string Why) : Sent;
}

/// <summary>The cluster, with the executor's own credentials. It reads, and it sends JSON patches; it creates and deletes nothing.</summary>
internal sealed class Cluster : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private const int PageSize = 500;
    private const int MostPages = 20;

    private readonly k8s.Kubernetes _client;

    private Cluster(KubernetesClientConfiguration configuration)
    {
        Namespace = configuration.Namespace is { Length: > 0 } ns ? ns : "default";
        _client = new(configuration);
        _client.HttpClient.MaxResponseContentBufferSize = 64 << 20;
    }

    /// <summary>That of the context.</summary>
    public string Namespace { get; }

    public static Cluster Open(string kubeconfig, string context)
    {
        if (!File.Exists(kubeconfig)) throw new ExecutorException(kubeconfig.Length == 0 ? "No kubeconfig is named. Name the executor's own with --kubeconfig, or in KUBECONFIG." : $"There is no kubeconfig at {kubeconfig}. Name the executor's own with --kubeconfig.");
        try
        {
            return new(KubernetesClientConfiguration.BuildConfigFromConfigFile(new FileInfo(kubeconfig), context.Length > 0 ? context : null));
        }
        // Its reader lets everything through that its parts throw.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new ExecutorException($"The kubeconfig {kubeconfig} cannot be used ({e.Message.TrimEnd('.')}). \"kubectl config view --kubeconfig FILE\" shows how it should look; --context names another context.", e);
        }
    }

    /// <summary>The object and the revisions that it can go back to; no object when there is none of the name.</summary>
    public async Task<(JsonObject? Object, IReadOnlyList<RolloutRevision> Revisions)> Read(PlanStep step, CancellationToken cancellation)
    {
        var target = step.Target;
        var (group, plural) = await Resource(target, cancellation);
        var found = await Get(ApiPath.Of(group, plural, target.Namespace, target.Name), target.Name, cancellation);
        if (found is null) return (null, []);
        if (!ApiAnswer.Is(found, target.Kind, target.Namespace, target.Name)) throw new NotSeenException($"The API server answered for {target} with something else.");
        return (found, step.Kind == ActionKind.RolloutUndo ? Rollout.Of(target.Kind, found, await List(Rollout.HistoryKind(target.Kind), target.Namespace, cancellation)) : []);
    }

    /// <summary>Sends a JSON patch (RFC 6902).</summary>
    public async Task<Sent> Patch(ActionTarget target, JsonArray operations, bool dryRun, CancellationToken cancellation)
    {
        string group, plural;
        try
        {
            (group, plural) = await Resource(target, cancellation);
        }
        catch (NotSeenException e)
        {
            return new Sent.Refused(e.Message.TrimEnd('.'));
        }
        var path = $"{ApiPath.Of(group, plural, target.Namespace, target.Name)}?fieldManager=copilot-executor{(dryRun ? "&dryRun=All" : "")}";
        using var content = new StringContent(operations.ToJsonString(), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json-patch+json");
        try
        {
            var (status, body, wait) = await Send(HttpMethod.Patch, path, content, cancellation);
            var answer = ApiAnswer.Read(body);
            if (status is HttpStatusCode.OK) return answer is not null && ApiAnswer.Is(answer, target.Kind, target.Namespace, target.Name) ? new Sent.Taken(answer) : new Sent.Lost("the answer is no object");
            if (status == HttpStatusCode.Conflict || (status == HttpStatusCode.UnprocessableEntity && IsFailedTest(answer))) return new Sent.Conflict();
            if (status == HttpStatusCode.TooManyRequests) return new Sent.Later(wait);
            return (int)status >= 500 ? new Sent.Lost($"the API server answered {(int)status}") : new Sent.Refused($"the API server answered {(int)status}: {PlainText.Clean(Redaction.Apply(ApiAnswer.Text(answer, "message") ?? "nothing"))}");
        }
        catch (NotSeenException e)
        {
            return new Sent.Lost(e.Message.TrimEnd('.'));
        }
    }

    /// <summary>What these credentials may do in a namespace (https://kubernetes.io/docs/reference/access-authn-authz/authorization/).</summary>
    public async Task<IReadOnlyList<JsonObject>> MayDo(string ns, CancellationToken cancellation)
    {
        using var content = new StringContent(new JsonObject { ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = "SelfSubjectRulesReview", ["spec"] = new JsonObject { ["namespace"] = ns } }.ToJsonString(), Encoding.UTF8, "application/json");
        var (status, body, _) = await Send(HttpMethod.Post, "apis/authorization.k8s.io/v1/selfsubjectrulesreviews", content, cancellation);
        var rules = ((ApiAnswer.Read(body)?["status"] as JsonObject)?["resourceRules"] as JsonArray) ?? throw new NotSeenException($"The API server does not tell what these credentials may do: it answered {(int)status}.");
        return [.. rules.OfType<JsonObject>()];
    }

    public void Dispose() => _client.Dispose();

    private async Task<List<JsonObject>> List(string kind, string ns, CancellationToken cancellation)
    {
        var (group, plural) = ApiPath.Find(kind)!.Value;
        var (items, next) = (new List<JsonObject>(), "");
        for (var page = 0; page < MostPages; page++)
        {
            var list = await Get($"{ApiPath.Of(group, plural, ns)}?limit={PageSize}{(next.Length > 0 ? $"&continue={Uri.EscapeDataString(next)}" : "")}", null, cancellation) ?? throw new NotSeenException($"The API server does not serve {plural}.");
            items.AddRange((list["items"] as JsonArray ?? throw new NotSeenException($"The API server's list of {plural} has no items.")).OfType<JsonObject>());
            next = ApiAnswer.Text(list["metadata"] as JsonObject, "continue") ?? "";
            if (next.Length == 0) return items;
        }
        throw new NotSeenException($"There are more than {MostPages * PageSize} {plural} in {ns}, too many to look through.");
    }

    private async Task<(string Group, string Plural)> Resource(ActionTarget target, CancellationToken cancellation)
    {
        if (!ApiPath.CanBeNamed(target)) throw new NotSeenException($"No {target.Kind} can be called \"{PlainText.Clean(target.Name)}\".");
        if (ApiPath.Find(target.Kind) is { } known) return known;
        var resources = (await Get(ApiPath.ChaosMesh, null, cancellation))?["resources"] as JsonArray ?? [];
        var plural = resources.OfType<JsonObject>().Where(r => ApiAnswer.Text(r, "kind") == target.Kind).Select(r => ApiAnswer.Text(r, "name")).FirstOrDefault(n => n is not null && !n.Contains('/'));
        return plural is null ? throw new NotSeenException($"The API server serves no {PlainText.Clean(target.Kind)} that the executor knows of.") : (ApiPath.ChaosMesh, plural);
    }

    private async Task<JsonObject?> Get(string path, string? name, CancellationToken cancellation)
    {
        for (var left = 2; ; left--)
        {
            try
            {
                var (status, body, wait) = await Send(HttpMethod.Get, path, null, cancellation);
                if (status == HttpStatusCode.OK) return ApiAnswer.Read(body) ?? throw new NotSeenException($"The API server answered {path} with something that is no object in JSON.");
                if (status == HttpStatusCode.NotFound && name is not null && ApiAnswer.IsAbsence(body, name)) return null;
                if (left == 0 || (status != HttpStatusCode.TooManyRequests && (int)status < 500)) throw new NotSeenException($"The API server answers {path} with {(int)status}.");
                await Task.Delay(wait, cancellation);
            }
            catch (NotSeenException) when (left > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
            }
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Body, TimeSpan Wait)> Send(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(Longest);
        try
        {
            using var request = new HttpRequestMessage(method, $"{_client.BaseUri.ToString().TrimEnd('/')}/{path}") { Content = content };
            if (_client.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, late.Token);
            using var response = await _client.HttpClient.SendAsync(request, late.Token);
            var wait = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(200);
            return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(late.Token), wait < LongestWait ? wait : LongestWait);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new NotSeenException($"The connection to the API server broke ({e.Message.TrimEnd('.')}).");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new NotSeenException($"The API server did not answer within {Longest.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is k8s.Exceptions.KubeConfigException or k8s.Exceptions.KubernetesClientException)
        {
            throw new NotSeenException($"The credentials in the kubeconfig cannot be used ({e.Message.TrimEnd('.')}).");
        }
    }

    /// <summary>A test in a patch that does not hold is answered as a fault of the request, as other faults are.</summary>
    private static bool IsFailedTest(JsonObject? answer) => ApiAnswer.Text(answer, "message") is { } message && (message.Contains("test", StringComparison.Ordinal) || message.StartsWith("the server rejected our request due to an error in our request", StringComparison.Ordinal));
}
