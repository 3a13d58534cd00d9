using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>Everything that an executor sends passes here, on its way to the copilot or to the cluster: at one of these calls its process is killed.</summary>
internal sealed class CutWire : IAsyncDisposable
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly WebApplication _app;
    private int _left;
    private bool _answered;
    private Func<Task>? _kill;
    private TaskCompletionSource<string> _killed = new();

    private CutWire(WebApplication app, ExecutorDesk desk)
    {
        _app = app;
        app.Run(context => Pass(context, desk));
    }

    public Uri Address => new(_app.Urls.First());

    public static async Task<CutWire> Open(ExecutorDesk desk)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddLogging(logging => logging.ClearProviders());
        var wire = new CutWire(builder.Build(), desk);
        await wire._app.StartAsync(TestContext.Current.CancellationToken);
        return wire;
    }

    /// <summary>Kills at a call from now on. Asking for work in vain does not count.</summary>
    /// <param name="call">Counted from 0.</param>
    /// <param name="answered">Whether the call was carried out by then, and its answer is lost; else it never arrives.</param>
    /// <returns>The call, once the process is gone; never when there are fewer.</returns>
    public Task<string> KillAt(int call, bool answered, Func<Task> kill)
    {
        (_left, _answered, _killed) = (call, answered, new());
        Volatile.Write(ref _kill, kill);
        return _killed.Task;
    }

    public void Spare() => Volatile.Write(ref _kill, null);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task Pass(HttpContext context, ExecutorDesk desk)
    {
        var ofHost = context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal);
        // Nobody knows beforehand whether there will be something to do.
        var asksForWork = context.Request.Path.Value!.EndsWith("/executor/work", StringComparison.Ordinal);
        if (!asksForWork && _left == 0 && !_answered && await Killed(context)) return;
        var target = new Uri(ofHost ? desk.Served.Address : desk.Cluster.Address, $"{context.Request.Path.ToUriComponent()}{context.Request.QueryString}");
        using var request = new HttpRequestMessage(new(context.Request.Method), target);
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }
        foreach (var name in (string[])["Authorization", "Accept", "User-Agent"])
            if (context.Request.Headers.TryGetValue(name, out var value)) request.Headers.TryAddWithoutValidation(name, value.ToString());
        using var response = await Client.SendAsync(request, context.RequestAborted);
        var answer = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
        if (Volatile.Read(ref _kill) is not null && !(asksForWork && response.StatusCode == HttpStatusCode.NoContent))
        {
            if (_left == 0 && _answered && await Killed(context)) return;
            _left--;
        }
        context.Response.StatusCode = (int)response.StatusCode;
        if (answer.Length == 0) return;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private async Task<bool> Killed(HttpContext context)
    {
        if (Interlocked.Exchange(ref _kill, null) is not { } kill) return false;
        await kill();
        _killed.SetResult($"{context.Request.Method} {context.Request.Path.Value!.Split('/')[^1]}");
        context.Abort();
        return true;
    }
}
