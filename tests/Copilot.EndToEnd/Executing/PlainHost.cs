using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Approvals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>A host with one request in its memory, which goes on as the core says; without people, receipts or a world.</summary>
internal sealed class PlainHost : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private readonly Lock _lock = new();
    private readonly WebApplication _app;
    private readonly Func<ApprovalRequest, bool> _stops;
    private readonly List<ApprovalState> _states = [];
    private ApprovalRequest _request;
    private bool _stopped;

    private PlainHost(WebApplication app, ApprovalRequest request, Func<ApprovalRequest, bool> stops)
    {
        (_app, _request, _stops) = (app, request, stops);
        _states.Add(request.State);
        app.Run(Answer);
    }

    public Uri Address => new(_app.Urls.First());

    public ApprovalRequest Request
    {
        get { lock (_lock) return _request; }
    }

    /// <summary>Each state that it came to.</summary>
    public IReadOnlyList<ApprovalState> States
    {
        get { lock (_lock) return [.. _states]; }
    }

    /// <summary>How often the executor asked whether it may go on, and how often it may.</summary>
    public (int Asked, int May) GoingOn { get; private set; }

    /// <param name="stops">After which report somebody stops all executors; they may go on once it was looked at.</param>
    public static async Task<PlainHost> Start(ApprovalRequest request, Func<ApprovalRequest, bool> stops)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddLogging(logging => logging.ClearProviders());
        var host = new PlainHost(builder.Build(), request, stops);
        await host._app.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task Answer(HttpContext context)
    {
        var body = context.Request.Method == "POST" ? await JsonSerializer.DeserializeAsync<JsonObject>(context.Request.Body, cancellationToken: context.RequestAborted) : null;
        JsonObject? answer;
        lock (_lock)
        {
            answer = context.Request.Path.Value!.Split('/')[^1] switch
            {
                "work" => Work(body!["attempt"]!.GetValue<string>()),
                "go-on" => GoOn(int.Parse(context.Request.Query["fence"]!)),
                "steps" => Step(body!),
                _ => throw new InvalidOperationException(context.Request.Path),
            };
        }
        if (answer is null)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            await Task.Delay(50, context.RequestAborted);
        }
        else
        {
            await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
        }
    }

    private JsonObject? Work(string attempt)
    {
        if (_request.State is ApprovalState.Partial or ApprovalState.Halted or ApprovalState.RollbackPending)
            Go(ByExecutor.Claim(_request, ApprovedPlan.Executor, attempt, DateTimeOffset.UtcNow, new(null, new Dictionary<string, IReadOnlyCollection<string>>()), new WorldCheck.Same()));
        var run = _request.State == ApprovalState.RollingBack ? _request.RollbackRun : _request.Execution;
        return _request.State is ApprovalState.Executing or ApprovalState.Reconciling or ApprovalState.RollingBack && run is { DoneAt: null } ? new() { ["request"] = ApprovalJson.ToJson(_request) } : null;
    }

    private JsonObject GoOn(int fence)
    {
        var run = _request.State == ApprovalState.RollingBack ? _request.RollbackRun : _request.Execution;
        var may = run!.Fence == fence && _request.State is ApprovalState.Executing or ApprovalState.Reconciling or ApprovalState.RollingBack && !_stopped;
        GoingOn = (GoingOn.Asked + 1, GoingOn.May + (may ? 1 : 0));
        return new() { ["go_on"] = may };
    }

    private JsonObject Step(JsonObject body)
    {
        var (reports, says) = (body["reports"].Deserialize<List<StepReport>>(Snake)!, body["says"].Deserialize<List<string>>()!);
        var (fence, now) = (body["fence"]!.GetValue<int>(), DateTimeOffset.UtcNow);
        Go(body["found"]!.GetValue<bool>()
            ? ByExecutor.Reconcile(_request, ApprovedPlan.Executor, fence, reports, says, now)
            : ByExecutor.Step(_request, ApprovedPlan.Executor, fence, Assert.Single(reports), Assert.Single(says), now));
        if (_request.State == ApprovalState.Executing && _stops(_request))
        {
            _stopped = true;
            Go(ByExecutor.Stop(_request, "eve", now)!);
        }
        else
        {
            _stopped = false;
        }
        return [];
    }

    private void Go(ApprovalResult result)
    {
        _request = Assert.IsType<ApprovalResult.Moved>(result).Request;
        _states.Add(_request.State);
    }
}
