using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Actions.Api;
using Copilot.Core.Evidence;
using k8s;
using Polly;
using Polly.Retry;

namespace Copilot.Sources.Kubernetes;

/// <summary>Reads single objects and short lists from the API server that a kubeconfig names, for some seconds. It tells "there is none" from "could not look".</summary>
internal sealed class ClusterReader : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private const int PageSize = 500;
    private const int MostPages = 20;
    private const long LargestAnswer = 64 << 20;

    private readonly k8s.Kubernetes _client;
    private readonly ResiliencePipeline<HttpResponseMessage> _retry;
    private readonly CancellationTokenSource _late;
    private readonly ConcurrentQueue<ClusterCall> _calls = [];

    private ClusterReader(KubernetesClientConfiguration configuration, TimeProvider time)
    {
        _late = new(Longest, time);
        _client = new(configuration, new ReadOnlyHttp());
        _client.HttpClient.MaxResponseContentBufferSize = LargestAnswer;
        _retry = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(200),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().HandleResult(r => (r.StatusCode == HttpStatusCode.TooManyRequests || (int)r.StatusCode >= 500) && !(r.Headers.RetryAfter?.Delta > LongestWait)),
            DelayGenerator = static arguments => ValueTask.FromResult(arguments.Outcome.Result?.Headers.RetryAfter?.Delta),
        }).Build();
    }

    /// <summary>What was asked since it was made.</summary>
    public IReadOnlyList<ClusterCall> Calls => [.. _calls];

    /// <summary>Throws <see cref="NotSeenException"/> when the kubeconfig is missing or cannot be used.</summary>
    public static ClusterReader Open(KubernetesOptions options, TimeProvider time)
    {
        if (!File.Exists(options.Kubeconfig)) throw new NotSeenException($"There is no kubeconfig at {options.Kubeconfig}. Name one in Copilot:Kubernetes:Kubeconfig.");
        try
        {
            return new(KubernetesClientConfiguration.BuildConfigFromConfigFile(new FileInfo(options.Kubeconfig), options.Context.Length > 0 ? options.Context : null), time);
        }
        catch (Exception e) when (e is k8s.Exceptions.KubeConfigException or IOException or InvalidDataException or UnauthorizedAccessException or FormatException or YamlDotNet.Core.YamlException or ArgumentException
            or InvalidOperationException or NullReferenceException or System.Security.Cryptography.CryptographicException or System.ComponentModel.Win32Exception)
        {
            throw new NotSeenException($"The kubeconfig {options.Kubeconfig} cannot be used ({e.Message.TrimEnd('.')}). \"kubectl config view --kubeconfig FILE\" shows how it should look; Copilot:Kubernetes:Context names another context.");
        }
    }

    /// <summary>The object, null when there is none of the name.</summary>
    public async Task<JsonObject?> Get(ActionTarget target, CancellationToken cancellation)
    {
        if (!ApiPath.CanBeNamed(target)) throw new NotSeenException($"No {target.Kind} can be called \"{PlainText.Clean(target.Name)}\".");
        var (group, plural) = await Resource(target.Kind, cancellation);
        var path = ApiPath.Of(group, plural, target.Namespace, target.Name);
        var answer = await Send(path, target.Name, cancellation);
        return answer is null || ApiAnswer.Is(answer, target.Kind, target.Namespace, target.Name) ? answer : throw new NotSeenException($"The API server answered {path} with something else.");
    }

    /// <summary>The objects of a kind in a namespace, page by page.</summary>
    public async Task<IReadOnlyList<JsonObject>> List(string kind, string ns, CancellationToken cancellation)
    {
        var (group, plural) = await Resource(kind, cancellation);
        var (items, next) = (new List<JsonObject>(), "");
        for (var page = 0; page < MostPages; page++)
        {
            var list = await Send($"{ApiPath.Of(group, plural, ns)}?limit={PageSize}{(next.Length > 0 ? $"&continue={Uri.EscapeDataString(next)}" : "")}", null, cancellation) ?? throw new NotSeenException($"The API server does not serve {plural}.");
            items.AddRange((list["items"] as JsonArray ?? throw new NotSeenException($"The API server's list of {plural} has no items.")).OfType<JsonObject>());
            next = ApiAnswer.Text(list["metadata"] as JsonObject, "continue") ?? "";
            if (next.Length == 0) return items;
        }
        throw new NotSeenException($"There are more than {MostPages * PageSize} {plural} in {ns}, too many to look through.");
    }

    public void Dispose()
    {
        _client.Dispose();
        _late.Dispose();
    }

    private async Task<(string Group, string Plural)> Resource(string kind, CancellationToken cancellation)
    {
        if (ApiPath.Find(kind) is { } known) return known;
        var resources = (await Send(ApiPath.ChaosMesh, null, cancellation))?["resources"] as JsonArray ?? [];
        var name = resources.OfType<JsonObject>().Where(r => ApiAnswer.Text(r, "kind") == kind).Select(r => ApiAnswer.Text(r, "name")).FirstOrDefault(n => n is not null && !n.Contains('/'));
        return name is null ? throw new NotSeenException($"The API server serves no {PlainText.Clean(kind)} that the copilot knows of.") : (ApiPath.ChaosMesh, name);
    }

    /// <param name="name">Of the object that may be absent; null when what is asked must be there.</param>
    private async Task<JsonObject?> Send(string path, string? name, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _late.Token);
        try
        {
            using var response = await _retry.ExecuteAsync(async token => await Attempt(path, token), late.Token);
            var (status, body) = ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(late.Token));
            if (response.IsSuccessStatusCode) return ApiAnswer.Read(body) ?? throw new NotSeenException($"The API server answered {path} with something that is no object in JSON.");
            if (status == 404 && name is not null && ApiAnswer.IsAbsence(body, name)) return null;
            throw new NotSeenException($"The API server answers {path} with {status}{Words(status)}.");
        }
        catch (HttpRequestException e)
        {
            throw new NotSeenException($"The API server at {_client.BaseUri.GetLeftPart(UriPartial.Authority)} cannot be reached ({e.Message.TrimEnd('.')}).");
        }
        catch (IOException e)
        {
            throw new NotSeenException($"The connection to the API server broke ({e.Message.TrimEnd('.')}).");
        }
        catch (Exception e) when (e is k8s.Exceptions.KubeConfigException or k8s.Exceptions.KubernetesClientException)
        {
            throw new NotSeenException($"The credentials in the kubeconfig cannot be used ({e.Message.TrimEnd('.')}).");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new NotSeenException($"The API server did not answer within {Longest.TotalSeconds:0} s.");
        }
    }

    private async Task<HttpResponseMessage> Attempt(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_client.BaseUri.ToString().TrimEnd('/')}/{path}");
        var (clock, status) = (Stopwatch.StartNew(), 0);
        try
        {
            if (_client.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, cancellation);
            var response = await _client.HttpClient.SendAsync(request, cancellation);
            status = (int)response.StatusCode;
            return response;
        }
        finally
        {
            _calls.Enqueue(new(request.Method.Method, path, status, clock.ElapsedMilliseconds));
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
