using System.Collections.Concurrent;
using System.Net;
using Copilot.Core.Actions;
using Copilot.EndToEnd.Sources.Kubernetes;
using Copilot.EndToEnd.StandIns.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>A host that answers with what nobody expects: the executor says so, does nothing, and asks again.</summary>
public sealed class LoopTests
{
    private static readonly (int Status, string Body)[] Answers =
    [
        (200, "{}"), (200, "[]"), (200, "null"), (200, "\"text\""), (200, "<html>"), (200, "{\"dry_run\": {}}"), (200, "{\"dry_run\": {\"id\": 1, \"plan\": {}, \"commands\": []}}"),
        (200, "{\"dry_run\": {\"id\": \"x\", \"plan\": {\"steps\": 3}, \"commands\": 4}}"), (200, "{\"dry_run\": 7}"), (200, "{\"request\": {}}"), (200, "{\"request\": {\"id\": \"x\", \"state\": \"executing\"}}"),
        (200, "{\"request\": []}"), (500, ""), (503, "{\"title\": 3}"), (302, ""), (200, "{\"request\": {\"ask\": {\"plan\": null}}}"),
    ];

    [Fact]
    public async Task Run_AnswersOfAnotherForm_AreToldAndAskedAgain()
    {
        var (asked, said) = (0, new ConcurrentQueue<string>());
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddLogging(logging => logging.ClearProviders());
        await using var app = builder.Build();
        app.Run(async context =>
        {
            var number = Interlocked.Increment(ref asked) - 1;
            var (status, body) = number < 2 * Answers.Length ? number % 2 == 0 ? Answers[number / 2] : (204, "") : (204, "");
            context.Response.StatusCode = status;
            if (body.Length > 0) await context.Response.WriteAsync(body, context.RequestAborted);
            if (number >= 2 * Answers.Length) await Task.Delay(20, context.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, SmallCluster.Plan(ActionKind.RolloutRestart, cluster.Target("deployments.apps", "Deployment", "main")));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var loop = plan.Loop(new(app.Urls.First()), said.Enqueue).Run(stop.Token);
        for (var late = DateTimeOffset.UtcNow.AddMinutes(1); Volatile.Read(ref asked) <= (2 * Answers.Length) + 1 && !loop.IsCompleted; await Task.Delay(50, TestContext.Current.CancellationToken))
            Assert.True(DateTimeOffset.UtcNow < late, string.Join('\n', said));
        await stop.CancelAsync();
        await loop;

        Assert.True(said.Count(l => l.StartsWith("cannot go on for now: ", StringComparison.Ordinal)) >= Answers.Length - 4, string.Join('\n', said));
        Assert.DoesNotContain(said, l => l.Contains("   at ", StringComparison.Ordinal) || l.Contains("Exception", StringComparison.Ordinal));
        Assert.DoesNotContain(cluster.Server.Wire.Entries, e => e.Method == "PATCH");
    }
}
