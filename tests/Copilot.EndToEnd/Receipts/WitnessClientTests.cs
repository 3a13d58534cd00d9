using System.Net;
using System.Net.Sockets;
using System.Text;
using Copilot.Core.Receipts;
using Copilot.Tests.Receipts;
using Copilot.UseCases;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NSec.Cryptography;
using Xunit;

namespace Copilot.EndToEnd.Receipts;

/// <summary>What a log makes of whatever stands at a witness's address.</summary>
public sealed class WitnessClientTests
{
    private static readonly TestTree Log = new("copilot.example/log", 3, Enumerable.Range(0, 10).Select(TestTree.Leaf));
    private static readonly AddCheckpoint Request = Log.Request(4, 10);

    /// <summary>The log's own signature, a text that goes on, the right line of another checkpoint: none of it is a cosignature.</summary>
    [Theory]
    [InlineData(200, "", "no signature line")]
    [InlineData(200, "hello\n", "no signature line")]
    [InlineData(200, "more\n\n\u2014 a AAAAAAA=\n", "no signature line")]
    [InlineData(200, "\u2014 a AAAAAAA=\n", "did not sign with the key")]
    [InlineData(409, "", "409 without the size")]
    [InlineData(409, "12", "409 without the size")]
    [InlineData(409, "012\n", "409 without the size")]
    [InlineData(409, "-12\n", "409 without the size")]
    [InlineData(409, "12\n13\n", "409 without the size")]
    [InlineData(403, "no", "knows another key")]
    [InlineData(404, "no", "does not know this log")]
    [InlineData(301, "no", "answered 301: no")]
    [InlineData(500, "a\u001b[31mb\u202e", "answered 500: a [31mb")]
    [InlineData(503, "", "answered 503: nothing")]
    public async Task Submit_WhatIsNoRightAnswer_IsRefusedInWords(int status, string body, string words)
    {
        await using var there = await Answering(async context =>
        {
            context.Response.StatusCode = status;
            if (status == 301) context.Response.Headers.Location = "http://127.0.0.1:1/";
            await context.Response.WriteAsync(body);
        });

        Assert.Contains(words, Assert.IsType<WitnessAnswer.Refused>(await Submit(there)).Says);
    }

    [Fact]
    public async Task Submit_LineOfAnotherCheckpoint_IsRefused()
    {
        using var secret = TestTree.KeyOf(7);
        var key = Key(secret);
        NoteSignature Cosigned(string text) => key.Cosign(text, DateTimeOffset.UnixEpoch.AddDays(20_000), m => SignatureAlgorithm.Ed25519.Sign(secret, m));
        var lines = new Queue<string>([SignedNote.Line(Cosigned(Log.Checkpoint(9).Text)), SignedNote.Line(Cosigned(Request.Note.Text)), "\u2014 other AAAAAAA=\n" + SignedNote.Line(Cosigned(Request.Note.Text))]);
        await using var there = await Answering(context => context.Response.WriteAsync(lines.Dequeue()));

        Assert.Contains("did not sign with the key", Assert.IsType<WitnessAnswer.Refused>(await Submit(there)).Says);
        var right = Assert.IsType<WitnessAnswer.Cosigned>(await Submit(there));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(20_000), right.At);
        // Lines of keys that nobody asked for are left out.
        Assert.Equal(right, await Submit(there));
    }

    [Fact]
    public async Task Submit_ConflictOr422_IsThat()
    {
        await using var conflict = await Answering(context =>
        {
            context.Response.StatusCode = 409;
            return context.Response.WriteAsync("12\n");
        });
        await using var inconsistent = await Answering(context =>
        {
            context.Response.StatusCode = 422;
            return Task.CompletedTask;
        });

        Assert.Equal(new WitnessAnswer.Conflict(12), await Submit(conflict));
        Assert.IsType<WitnessAnswer.Inconsistent>(await Submit(inconsistent));
    }

    [Fact]
    public async Task Submit_EndlessSlowOrBrokenAnswer_IsRefusedInWords()
    {
        await using var endless = await Answering(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.WriteAsync(new string('x', 4096));
        });
        await using var slow = await Answering(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var broken = await Answering(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var nobody = new Uri($"http://{closed.LocalEndpoint}");
        closed.Stop();

        Assert.Contains("cannot be reached", Assert.IsType<WitnessAnswer.Refused>(await Submit(endless)).Says);
        Assert.Contains("did not answer within 1 seconds", Assert.IsType<WitnessAnswer.Refused>(await Submit(slow, seconds: 1)).Says);
        Assert.Contains("cannot be reached", Assert.IsType<WitnessAnswer.Refused>(await Submit(broken)).Says);
        using var client = new WitnessClient(TimeSpan.FromSeconds(60));
        Assert.Contains("cannot be reached", Assert.IsType<WitnessAnswer.Refused>(await client.Submit(nobody, Key(TestTree.KeyOf(7)), Request, TestContext.Current.CancellationToken)).Says);
    }

    [Fact]
    public async Task Submit_Prefix_IsKeptInTheAddress()
    {
        var asked = "";
        await using var there = await Answering(async context =>
        {
            asked = $"{context.Request.Method} {context.Request.Path} {await new StreamReader(context.Request.Body, Encoding.UTF8).ReadToEndAsync()}";
        });
        using var client = new WitnessClient(TimeSpan.FromSeconds(60));

        await client.Submit(new Uri(there.Urls.First() + "/w/1/"), Key(TestTree.KeyOf(7)), Request, TestContext.Current.CancellationToken);

        Assert.Equal($"POST /w/1/add-checkpoint {Request.Format()}", asked);
    }

    private static WitnessKey Key(Key secret) => new("witness.example/w1", secret.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    private static async Task<WitnessAnswer> Submit(WebApplication there, int seconds = 60)
    {
        using var client = new WitnessClient(TimeSpan.FromSeconds(seconds));
        return await client.Submit(new Uri(there.Urls.First()), Key(TestTree.KeyOf(7)), Request, TestContext.Current.CancellationToken);
    }

    private static async Task<WebApplication> Answering(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddLogging(logging => logging.ClearProviders());
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
