using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Logs and eviction of pods.</summary>
internal sealed class PodSubresources(ObjectWrites writes, PodLogs logs, CancellationToken stopping)
{
    public async Task Log(ApiRequest request)
    {
        var pod = writes.Store.Get(ResourceKinds.Pods, request.Namespace, request.Name) ?? throw ApiErrorException.NotFound(ResourceKinds.Pods, request.Name);
        var container = Container(request, pod);
        var previous = request.Flag("previous");
        var status = pod.Items("status", "containerStatuses").Concat(pod.Items("status", "initContainerStatuses")).FirstOrDefault(c => c.Text("name") == container);
        CheckReadable(pod, container, status, previous);
        CheckOptions(request);
        var lines = logs.Of(pod.Uid(), container, previous);
        var text = Encoding.UTF8.GetBytes(string.Concat(Chosen(request, lines).Select(l => request.Flag("timestamps") ? $"{l.Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fffffff00'Z'} {l.Text}\n" : l.Text + "\n")));
        var length = request.Query("limitBytes").Length > 0 ? Math.Min(request.Number("limitBytes"), text.Length) : text.Length;
        request.Http.Response.ContentType = "text/plain";
        await request.Http.Response.Body.WriteAsync(text.AsMemory(0, length), request.Http.RequestAborted);
        if (request.Flag("follow")) await Follow(request, pod, container, lines.Count);
    }

    public async Task Evict(ApiRequest request)
    {
        var body = await Bodies.ReadObject(request.Http.Request);
        lock (writes.Store.Gate)
        {
            var pod = writes.Store.Get(ResourceKinds.Pods, request.Namespace, request.Name) ?? throw ApiErrorException.NotFound(ResourceKinds.Pods, request.Name);
            var options = body["deleteOptions"];
            foreach (var budget in writes.Store.List(ResourceKinds.Budgets, request.Namespace).Where(b => Selectors.Matches(b.At("spec", "selector"), pod)))
            {
                // A pod that is not ready is not what the budget guards, as long as enough others are.
                var (healthy, desired, allowed) = (budget.Int("status", "currentHealthy"), budget.Int("status", "desiredHealthy"), budget.Int("status", "disruptionsAllowed"));
                if (allowed > 0 || pod.IsDeleting() || pod.Text("status", "phase") is "Pending" or "Succeeded" or "Failed") continue;
                if (pod.Condition("Ready").Text("status") != "True" && healthy >= desired && desired > 0) continue;
                throw new ApiErrorException(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", new JsonObject
                {
                    ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = $"The disruption budget {budget.Name()} needs {desired} healthy pods and has {healthy} currently" }),
                });
            }
            writes.Delete(ResourceKinds.Pods, request.Namespace, request.Name, new(options.Number("gracePeriodSeconds"), Uid: options.Text("preconditions", "uid"), ResourceVersion: options.Text("preconditions", "resourceVersion"),
                DryRun: request.IsDryRun || options.At("dryRun") is JsonArray { Count: > 0 }));
        }
        await Bodies.Write(request.Http, 201, new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201 });
    }

    private static string Container(ApiRequest request, JsonObject pod)
    {
        var names = pod.Items("spec", "containers").Select(c => c.Text("name")).ToList();
        var inits = pod.Items("spec", "initContainers").Select(c => c.Text("name")).ToList();
        if (request.Query("container") is { Length: > 0 } wanted)
            return names.Contains(wanted) || inits.Contains(wanted) ? wanted : throw ApiErrorException.BadRequest($"container {wanted} is not valid for pod {pod.Name()}");
        if (names.Count == 1) return names[0];
        var said = $"a container name must be specified for pod {pod.Name()}, choose one of: [{string.Join(' ', names)}]";
        throw ApiErrorException.BadRequest(inits.Count > 0 ? $"{said} or one of the init containers: [{string.Join(' ', inits)}]" : said);
    }

    private static void CheckReadable(JsonObject pod, string container, JsonObject? status, bool previous)
    {
        if (previous)
        {
            if (status.At("lastState", "terminated") is null) throw ApiErrorException.BadRequest($"previous terminated container \"{container}\" in pod \"{pod.Name()}\" not found");
            return;
        }
        if (pod.Text("spec", "nodeName").Length == 0) throw ApiErrorException.BadRequest($"pod {pod.Name()} does not have a host assigned");
        if (status.At("state", "waiting") is not { } waiting || status.At("lastState", "terminated") is not null) return;
        var reason = waiting.Text("reason");
        throw ApiErrorException.BadRequest(reason switch
        {
            "ErrImagePull" => $"container \"{container}\" in pod \"{pod.Name()}\" is waiting to start: image can't be pulled",
            "ImagePullBackOff" => $"container \"{container}\" in pod \"{pod.Name()}\" is waiting to start: trying and failing to pull image",
            _ => $"container \"{container}\" in pod \"{pod.Name()}\" is waiting to start: {reason}",
        });
    }

    private static void CheckOptions(ApiRequest request)
    {
        var fault = request.Query("sinceSeconds").Length > 0 && request.Query("sinceTime").Length > 0 ? ": Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
            : new[] { "limitBytes", "sinceSeconds" }.FirstOrDefault(o => request.Query(o).Length > 0 && request.Number(o) < 1) is { } option ? $"{option}: Invalid value: {request.Number(option)}: must be greater than 0"
            : null;
        if (fault is not null) throw new ApiErrorException(422, "Invalid", $"PodLogOptions \"{request.Name}\" is invalid: {fault}");
    }

    private IEnumerable<PodLogs.Line> Chosen(ApiRequest request, IReadOnlyList<PodLogs.Line> lines)
    {
        IEnumerable<PodLogs.Line> chosen = lines;
        if (request.Query("sinceSeconds").Length > 0) chosen = chosen.Where(l => l.Time >= writes.Now.AddSeconds(-request.Number("sinceSeconds")));
        if (request.Query("sinceTime") is { Length: > 0 } text)
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)) throw ApiErrorException.BadRequest($"sinceTime: Invalid value: \"{text}\"");
            chosen = chosen.Where(l => l.Time >= since);
        }
        return request.Query("tailLines").Length > 0 ? chosen.TakeLast(request.Number("tailLines")) : chosen;
    }

    /// <summary>Goes on while the container runs.</summary>
    private async Task Follow(ApiRequest request, JsonObject pod, string container, int from)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(request.Http.RequestAborted, stopping);
        try
        {
            while (true)
            {
                await request.Http.Response.Body.FlushAsync(ends.Token);
                var more = Task.WhenAny(logs.NextLine, writes.Store.NextChange);
                var lines = logs.Of(pod.Uid(), container, previous: false);
                // After a restart the log begins again.
                if (lines.Count < from) return;
                foreach (var line in lines.Skip(from)) await request.Http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(line.Text + "\n"), ends.Token);
                from = lines.Count;
                var now = writes.Store.Get(ResourceKinds.Pods, pod.Namespace(), pod.Name());
                if (now?.Uid() != pod.Uid() || now.Items("status", "containerStatuses").FirstOrDefault(c => c.Text("name") == container).At("state", "running") is null) return;
                await more.WaitAsync(ends.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The caller or the server has had enough.
        }
    }
}
