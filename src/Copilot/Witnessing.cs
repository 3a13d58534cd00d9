using System.Globalization;
using System.Net;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.UseCases;
using Copilot.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Copilot;

/// <summary>The process of a witness: it knows public keys of logs and its own folder, and nothing else of the copilot.</summary>
internal static class Witnessing
{
    private const int MostConnections = 256;
    private static readonly TimeSpan Shutdown = TimeSpan.FromSeconds(5);

    /// <summary>Until it is told to stop.</summary>
    /// <param name="said">Is told what happens, line by line, from any thread.</param>
    public static async Task Run(WitnessSetup setup, TimeProvider clock, Action<string> said, CancellationToken cancellation)
    {
        var logs = setup.Logs.SelectMany(KeyFiles.OfLog).Distinct().ToList();
        if (logs.Count == 0) throw new BadInputException("A witness needs the public key of a log. Name one with --log FILE, such as keys/receipts.pub of its data folder.");
        if (!IPEndPoint.TryParse(setup.Listen, out var at) || !setup.Listen.Contains(':')) throw new BadInputException($"--listen {PlainText.Clean(setup.Listen)} is no address and port. Write for example 127.0.0.1:7434, or port 0 for any free one.");
        try
        {
            if (setup.Name is { } name && !IsName(name)) throw new BadInputException("--name takes no spaces, plus signs or control characters. An address without a scheme is usual, such as witness.example.com/w1.");
            using var state = WitnessState.Open(setup.State, setup.Name);
            await using var app = Build(state, logs, at, clock, said);
            await Start(app, cancellation);
            foreach (var log in logs) said($"knows {log}, {state.Last(log.Name).Size} receipts cosigned");
            said($"Key {state.Key}, also in {WitnessState.PublicFile(setup.State)}");
            said($"Witnessing at {app.Urls.First()}");
            using var stop = cancellation.Register(() => app.Lifetime.StopApplication());
            await app.WaitForShutdownAsync(CancellationToken.None);
        }
        catch (FileFaultException e)
        {
            throw new BadInputException(e.Message, Refusal.OwnFiles);
        }
    }

    private static WebApplication Build(WitnessState state, List<NoteKey> logs, IPEndPoint at, TimeProvider clock, Action<string> said)
    {
        void Say(string line) => said($"{clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)} {line}");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(at);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AddCheckpoint.MostBytes;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Shutdown);
        var app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = context => Failed(context, Say), SuppressDiagnosticsCallback = _ => true });
        app.UseRouting();
        app.MapWitness(request => (state.Add(request, logs, clock.GetUtcNow(), out var line), line), Say);
        return app;
    }

    /// <summary>What was not kept is not cosigned. The log hears no more than that; the witness's owner hears why.</summary>
    private static Task Failed(HttpContext context, Action<string> said)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        said($"500 not cosigned: {error switch { FileFaultException or SqliteException or IOException or UnauthorizedAccessException => PlainText.Clean(error.Message), _ => $"internal error ({error?.GetType().Name}); this is a defect" }}");
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return context.Response.WriteAsync("The witness could not keep the checkpoint, so it did not cosign it.\n", CancellationToken.None);
    }

    private static bool IsName(string name)
    {
        try
        {
            return new WitnessKey(name, new byte[NoteKey.PublicKeyBytes]).Name == name;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static async Task Start(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new BadInputException("The port is in use by another process. Name another one with --listen ADDRESS:PORT, or port 0 for any free one.");
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException)
        {
            throw new BadInputException($"--listen: this address cannot be listened on ({e.Message.TrimEnd('.')}).");
        }
    }
}
