using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Copilot.Simulator.StandIns;

/// <summary>What an error of the real system looks like on the wire.</summary>
/// <param name="ContentType">Of <paramref name="Body"/>.</param>
/// <param name="Body">The bytes, as text.</param>
public sealed record ErrorBody(string ContentType, string Body);

/// <summary>
/// One stand-in, listening on 127.0.0.1 over plain HTTP/1.1. Every request passes the wire log and the injected faults before the system's own routes see it.
/// </summary>
public sealed class StandInServer : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(2);

    private const int LongestRequestLine = 512 << 10;

    private readonly WebApplication _app;
    private int _disposed;

    private StandInServer(string name, WebApplication app, WireLog wire, InjectedFaults faults) => (Name, _app, Wire, Faults) = (name, app, wire, faults);

    /// <summary>The system that it stands in for, in lower case.</summary>
    public string Name { get; }

    public Uri Address => new(_app.Urls.First());

    /// <summary>What was asked and what was answered.</summary>
    public WireLog Wire { get; }

    /// <summary>What goes wrong on purpose.</summary>
    public InjectedFaults Faults { get; }

    /// <param name="name">The system that it stands in for, in lower case.</param>
    /// <param name="map">Maps the system's routes.</param>
    /// <param name="error">Writes an error the way the system does: for injected faults.</param>
    /// <param name="port">0 for any free one.</param>
    public static async Task<StandInServer> Start(string name, Action<IEndpointRouteBuilder> map, Func<int, ErrorBody> error, int port = 0, CancellationToken cancellation = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.AddServerHeader = false;
            // Servers written in Go take long queries in the path; what is too long for the system it refuses in its own words.
            kestrel.Limits.MaxRequestLineSize = LongestRequestLine;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = ShutdownPatience);
        var app = builder.Build();
        var (wire, faults) = (new WireLog(), new InjectedFaults());
        app.Use((context, next) => wire.Record(context, () => faults.Apply(context, error, next)));
        app.UseRouting();
#pragma warning disable ASP0014 // the stand-in maps on the same application; UseEndpoints keeps the middleware above first
        app.UseEndpoints(map);
#pragma warning restore ASP0014
        await app.StartAsync(cancellation);
        return new(name, app, wire, faults);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
