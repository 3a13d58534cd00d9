using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Actions;
using k8s;
using Polly;
using Polly.Retry;

namespace Copilot.Sources.Kubernetes;

/// <summary>Reads single objects and short lists from the API server that a kubeconfig names. It tells "there is none" from "could not look".</summary>
internal sealed class ClusterReader : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private const int PageSize = 500;
    private const int MostPages = 20;

    /// <summary>Where the kinds that every cluster has are served; others are looked up.</summary>
    private static readonly Dictionary<string, (string Group, string Plural)> Known = new(StringComparer.Ordinal)
    {
        ["ConfigMap"] = ("api/v1", "configmaps"), ["Service"] = ("api/v1", "services"), ["Node"] = ("api/v1", "nodes"), ["Pod"] = ("api/v1", "pods"), ["ResourceQuota"] = ("api/v1", "resourcequotas"),
        ["Deployment"] = ("apis/apps/v1", "deployments"), ["StatefulSet"] = ("apis/apps/v1", "statefulsets"), ["DaemonSet"] = ("apis/apps/v1", "daemonsets"), ["ReplicaSet"] = ("apis/apps/v1", "replicasets"),
        ["ControllerRevision"] = ("apis/apps/v1", "controllerrevisions"), ["NetworkPolicy"] = ("apis/networking.k8s.io/v1", "networkpolicies"), ["HorizontalPodAutoscaler"] = ("apis/autoscaling/v2", "horizontalpodautoscalers"),
    };

    private const string ChaosMesh = "apis/chaos-mesh.org/v1alpha1";

    private readonly k8s.Kubernetes _client;
    private readonly ResiliencePipeline<HttpResponseMessage> _retry;

    private ClusterReader(KubernetesClientConfiguration configuration, TimeProvider time)
    {
        _client = new(configuration, new ReadOnlyHttp());
        _retry = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(200),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().HandleResult(r => r.StatusCode == HttpStatusCode.TooManyRequests || (int)r.StatusCode >= 500),
            DelayGenerator = static arguments => ValueTask.FromResult(arguments.Outcome.Result?.Headers.RetryAfter?.Delta),
        }).Build();
    }

    /// <summary>What was asked since it was made.</summary>
    public ConcurrentQueue<ClusterCall> Calls { get; } = [];

    /// <summary>Throws <see cref="NotSeenException"/> when the kubeconfig is missing or cannot be used.</summary>
    public static ClusterReader Open(KubernetesOptions options, TimeProvider time)
    {
        if (!File.Exists(options.Kubeconfig)) throw new NotSeenException($"There is no kubeconfig at {options.Kubeconfig}. Name one in Copilot:Kubernetes:Kubeconfig.");
        try
        {
            return new(KubernetesClientConfiguration.BuildConfigFromConfigFile(new FileInfo(options.Kubeconfig), options.Context.Length > 0 ? options.Context : null), time);
        }
        catch (Exception e) when (e is k8s.Exceptions.KubeConfigException or IOException or UnauthorizedAccessException or FormatException or YamlDotNet.Core.YamlException or ArgumentException or UriFormatException)
        {
            throw new NotSeenException($"The kubeconfig {options.Kubeconfig} cannot be used ({e.Message.TrimEnd('.')}). \"kubectl config view --kubeconfig FILE\" shows how it should look; Copilot:Kubernetes:Context names another context.");
        }
    }

    /// <summary>The object, null when there is none of the name.</summary>
    public async Task<JsonObject?> Get(ActionTarget target, CancellationToken cancellation)
    {
        var (group, plural) = await Resource(target.Kind, cancellation);
        return await Send($"{group}/{Below(target.Namespace)}{plural}/{Uri.EscapeDataString(target.Name)}", cancellation);
    }

    /// <summary>The objects of a kind in a namespace, page by page.</summary>
    public async Task<IReadOnlyList<JsonObject>> List(string kind, string ns, CancellationToken cancellation)
    {
        var (group, plural) = await Resource(kind, cancellation);
        var (items, next) = (new List<JsonObject>(), "");
        for (var page = 0; page < MostPages; page++)
        {
            var list = await Send($"{group}/{Below(ns)}{plural}?limit={PageSize}{(next.Length > 0 ? $"&continue={Uri.EscapeDataString(next)}" : "")}", cancellation) ?? throw new NotSeenException($"The API server does not serve {plural}.");
            items.AddRange((list["items"] as JsonArray ?? throw new NotSeenException($"The API server's list of {plural} has no items.")).OfType<JsonObject>());
            next = (list["metadata"] as JsonObject)?["continue"] is JsonValue token && token.TryGetValue<string>(out var text) ? text : "";
            if (next.Length == 0) return items;
        }
        throw new NotSeenException($"There are more than {MostPages * PageSize} {plural} in {ns}, too many to look through.");
    }

    public void Dispose() => _client.Dispose();

    private async Task<(string Group, string Plural)> Resource(string kind, CancellationToken cancellation)
    {
        if (Known.TryGetValue(kind, out var known)) return known;
        var resources = (await Send(ChaosMesh, cancellation))?["resources"] as JsonArray ?? [];
        var name = resources.OfType<JsonObject>().Where(r => r["kind"]?.GetValue<string>() == kind).Select(r => r["name"]?.GetValue<string>()).FirstOrDefault(n => n is not null && !n.Contains('/'));
        return name is null ? throw new NotSeenException($"The API server serves no {kind} that the copilot knows of.") : (ChaosMesh, name);
    }

    private static string Below(string ns) => ns.Length > 0 ? $"namespaces/{Uri.EscapeDataString(ns)}/" : "";

    private async Task<JsonObject?> Send(string path, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(Longest);
        var (clock, status) = (Stopwatch.StartNew(), 0);
        try
        {
            using var response = await _retry.ExecuteAsync(async token =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"{_client.BaseUri.ToString().TrimEnd('/')}/{path}");
                if (_client.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, token);
                return await _client.HttpClient.SendAsync(request, token);
            }, late.Token);
            status = (int)response.StatusCode;
            var body = await response.Content.ReadAsByteArrayAsync(late.Token);
            if (response.IsSuccessStatusCode) return JsonNode.Parse(body) as JsonObject ?? throw new NotSeenException($"The API server answered {path} with something that is no object.");
            if (response.StatusCode == HttpStatusCode.NotFound && IsAbsence(body)) return null;
            throw new NotSeenException($"The API server answers {path} with {status}{Words(status)}.");
        }
        catch (HttpRequestException e)
        {
            throw new NotSeenException($"The API server at {_client.BaseUri.GetLeftPart(UriPartial.Authority)} cannot be reached ({e.Message.TrimEnd('.')}).");
        }
        catch (JsonException)
        {
            throw new NotSeenException($"The API server answered {path} with broken JSON.");
        }
        catch (IOException e)
        {
            throw new NotSeenException($"The connection to the API server broke ({e.Message.TrimEnd('.')}).");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new NotSeenException($"The API server did not answer within {Longest.TotalSeconds:0} s.");
        }
        finally
        {
            Calls.Enqueue(new(path, status, clock.ElapsedMilliseconds));
        }
    }

    /// <summary>A proxy's 404, or that of a kind that is not served, says nothing of the object.</summary>
    private static bool IsAbsence(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) is JsonObject status && status["kind"]?.GetValue<string>() == "Status" && status["reason"]?.GetValue<string>() == "NotFound" && (status["details"] as JsonObject)?["name"] is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string Words(int status) => status switch
    {
        401 => ": the credentials in the kubeconfig are not accepted",
        403 => ": the credentials in the kubeconfig may not read that",
        410 => ": what was asked is too old",
        429 => ": it has too much to do",
        >= 500 => ": it has trouble of its own",
        _ => "",
    };
}
