using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Printing;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Streams what happens to the objects of a selection, a JSON object a line.</summary>
internal sealed class WatchHandler(ObjectStore store, TimeProvider clock, CancellationToken stopping)
{
    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(45);

    public async Task Watch(ApiRequest request)
    {
        if (request.Http.Request.Query.ContainsKey("sendInitialEvents"))
        {
            throw new ApiErrorException(422, "Invalid", "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
        }
        var selects = ReadHandlers.Selection(request);
        var form = ReadHandlers.FormOf(request);
        var from = ReadHandlers.VersionOf(request);
        var seconds = request.Number("timeoutSeconds");
        using var timeout = new CancellationTokenSource(seconds > 0 ? TimeSpan.FromSeconds(seconds) : LongestWatch, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, request.Http.RequestAborted, stopping);
        request.Http.Response.ContentType = "application/json";
        var stream = new EventStream(request, form, clock);
        try
        {
            await Follow(request, selects, from, stream, ends.Token);
        }
        catch (OperationCanceledException) when (!request.Http.RequestAborted.IsCancellationRequested)
        {
            if (request.Flag("allowWatchBookmarks")) await stream.Bookmark(Math.Max(stream.Seen, 0));
        }
        catch (OperationCanceledException)
        {
            // The caller has gone.
        }
    }

    private async Task Follow(ApiRequest request, Func<JsonObject, bool> selects, long? from, EventStream stream, CancellationToken ends)
    {
        var at = from is > 0 ? from.Value : await Initial(request, selects, stream);
        stream.Seen = at;
        await request.Http.Response.Body.FlushAsync(ends);
        while (true)
        {
            if (store.Since(at) is not { } news)
            {
                await stream.Error(ApiErrorException.Expired($"too old resource version: {at} ({store.Revision})"));
                return;
            }
            foreach (var change in news.Changes)
            {
                if (!change.Kind.Equals(request.Kind.Stored)) continue;
                var (was, isNow) = (change.Before is not null && selects(change.Before), change.Type != ChangeType.Deleted && selects(change.Body));
                if (isNow) await stream.Send(was ? "MODIFIED" : "ADDED", change.Body);
                else if (was) await stream.Send("DELETED", change.Body);
            }
            stream.Seen = at = Math.Max(at, news.Revision);
            try
            {
                await news.More.WaitAsync(BookmarkEvery, clock, ends);
            }
            catch (TimeoutException)
            {
                if (request.Flag("allowWatchBookmarks")) await stream.Bookmark(at);
            }
        }
    }

    /// <summary>Without a version a watch begins with what there is.</summary>
    private async Task<long> Initial(ApiRequest request, Func<JsonObject, bool> selects, EventStream stream)
    {
        IReadOnlyList<JsonObject> items;
        long revision;
        lock (store.Gate) (items, revision) = (store.List(request.Kind.Stored), store.Revision);
        foreach (var item in items.Where(selects)) await stream.Send("ADDED", item);
        return revision;
    }

    private sealed class EventStream(ApiRequest request, Form form, TimeProvider clock)
    {
        private bool _hasColumns;

        public long Seen { get; set; }

        public Task Send(string type, JsonObject body)
        {
            var written = Forms.One(form, request.Kind, body, clock.GetUtcNow(), withColumns: !_hasColumns);
            _hasColumns = true;
            return Write(type, written);
        }

        public Task Bookmark(long revision)
        {
            var body = new JsonObject { ["kind"] = request.Kind.Kind, ["apiVersion"] = request.Kind.GroupVersion, ["metadata"] = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null } };
            return Write("BOOKMARK", body);
        }

        public Task Error(ApiErrorException error) => Write("ERROR", error.ToStatus());

        private async Task Write(string type, JsonObject body)
        {
            await request.Http.Response.Body.WriteAsync(Bodies.Encode(new JsonObject { ["type"] = type, ["object"] = body }), request.Http.RequestAborted);
            await request.Http.Response.Body.FlushAsync(request.Http.RequestAborted);
        }
    }
}
