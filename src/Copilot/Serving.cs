using System.Net;
using System.Threading.RateLimiting;
using Copilot.Configuration;
using Copilot.Engine.Investigations;
using Copilot.Storage;
using Copilot.UseCases;
using Copilot.Web;
using Copilot.Work;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serilog;
using Serilog.Events;

namespace Copilot;

/// <summary>The process that serves: HTTP on the loopback interface, and the work that was asked for.</summary>
internal static class Serving
{
    private const string FirstToken = "first";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterWork = TimeSpan.FromSeconds(15);

    /// <summary>Until it is told to stop.</summary>
    public static Task Run(IConfiguration settings, string? data, int? port, Action<Uri, string?> started, CancellationToken cancellation) => During(settings, data, port, null, async (app, token) =>
    {
        started(new Uri(app.Urls.First()), token);
        using var stop = cancellation.Register(() => app.Lifetime.StopApplication());
        await app.WaitForShutdownAsync(CancellationToken.None);
        return true;
    }, cancellation);

    /// <summary>While something is done.</summary>
    /// <param name="differently">What is wired differently than usual.</param>
    /// <param name="work">Is given the token that was made at the first start.</param>
    public static async Task<T> During<T>(IConfiguration settings, string? data, int? port, Action<IServiceCollection>? differently, Func<WebApplication, string?, Task<T>> work, CancellationToken cancellation)
    {
        await using var app = Build(settings, data, port, differently);
        var folder = app.Services.GetRequiredService<DataFolder>();
        if (folder.TryCreate() is { } fault) throw new BadInputException(fault);
        using var turn = OnlyOne(folder);
        Directory.CreateDirectory(app.Services.GetRequiredService<SharedSnapshots>().Folder);
        var token = await app.Services.GetRequiredService<IMediator>().Send(new MakeToken(FirstToken, TokenScope.Full, OnlyFirst: true), cancellation);
        await Start(app, cancellation);
        try
        {
            return await work(app, token);
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Everything but the start.</summary>
    public static WebApplication Build(IConfiguration settings, string? data, int? port, Action<IServiceCollection>? differently = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSettings(settings, data).AddStorage().AddUseCases();
        using var early = builder.Services.BuildServiceProvider();
        var (serve, store) = (early.GetRequiredService<ServeOptions>(), early.GetRequiredService<CopilotStore>());
        builder.Services.AddSerilog((provider, log) => log.ToFile(provider)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning).MinimumLevel.Override(typeof(Problems).Namespace!, LogEventLevel.Warning).MinimumLevel.Override("Quartz", LogEventLevel.Warning).MinimumLevel.Override("OpenTelemetry", LogEventLevel.Warning));
        builder.Services.AddWork(early.GetRequiredService<QueueOptions>(), early.GetRequiredService<ReceiptOptions>(), early.GetRequiredService<ApprovalOptions>(), store.Database);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(serve.ShutdownSeconds) + AfterWork);
        AddWeb(builder, serve, port);
        AddTelemetry(builder.Services, early.GetRequiredService<TelemetryOptions>());
        differently?.Invoke(builder.Services);
        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void AddWeb(WebApplicationBuilder builder, ServeOptions serve, int? port)
    {
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port ?? serve.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = serve.MaxBodyBytes;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddScopes();
        builder.Services.AddProblemDetails();
        // Else a body that cannot be read is answered without a word of why.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json => WebJson.Configure(json.SerializerOptions));
        builder.Services.AddSingleton<StreamLimit>();
        // A page in a browser on this machine may reach the port under a name of its own (DNS rebinding).
        builder.Services.AddHostFiltering(hosts => hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        builder.Services.AddRateLimiter(limits =>
        {
            limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
                context.User.Identity?.Name ?? "", _ => new() { TokenLimit = serve.RequestsPerSecond * 2, TokensPerPeriod = serve.RequestsPerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0 }));
            limits.OnRejected = (context, _) => new(Problems.Write(context.HttpContext, StatusCodes.Status429TooManyRequests, "Too many requests.", $"More than {serve.RequestsPerSecond} requests a second. Wait, and ask again."));
        });
    }

    private static void AddTelemetry(IServiceCollection services, TelemetryOptions telemetry)
    {
        var exporting = telemetry.Otlp.Length > 0 ? new Uri(telemetry.Otlp) : null;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("copilot", serviceVersion: typeof(Serving).Assembly.GetName().Version?.ToString(3)))
            .WithTracing(tracing =>
            {
                tracing.AddSource(Tracing.SourceName).AddAspNetCoreInstrumentation(web => web.Filter = context => !context.Request.Path.StartsWithSegments("/healthz", StringComparison.Ordinal) && !context.Request.Path.StartsWithSegments("/readyz", StringComparison.Ordinal));
                if (exporting is not null) tracing.AddOtlpExporter(otlp => otlp.Endpoint = exporting);
            })
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(WorkMeter.Name).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddPrometheusExporter();
                if (exporting is not null) metrics.AddOtlpExporter(otlp => otlp.Endpoint = exporting);
            });
    }

    private static void Map(WebApplication app)
    {
        app.UseHostFiltering();
        app.UseSerilogRequestLogging(logging => logging.GetLevel = (context, _, e) => e is not null || context.Response.StatusCode >= 500 ? LogEventLevel.Error : LogEventLevel.Information);
        app.UseProblems();
        app.UseRouting();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.MapHealth();
        app.MapPrometheusScrapingEndpoint("/metrics").For(TokenScope.Read);
        var api = app.MapGroup("/api/v1");
        api.MapIncidents();
        api.MapReceipts();
        api.MapInvestigations();
        api.MapAlerts();
        api.MapApprovals();
        api.MapExecutors();
    }

    /// <summary>Two schedulers on one database would both run what is due.</summary>
    private static IDisposable OnlyOne(DataFolder folder)
    {
        try
        {
            return OwnFiles.Lock(Path.Combine(folder.Path, "serve.lock"), Patience);
        }
        catch (Engine.Yaml.FileFaultException)
        {
            throw new BadInputException($"Another process serves from {folder.Path}. Stop it first, or name another data folder with --data DIR.");
        }
    }

    private static async Task Start(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new BadInputException("The port is in use by another process. Name another one with --port, or 0 for any free one.");
        }
    }
}
