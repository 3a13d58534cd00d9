using System.Globalization;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Web;

/// <summary>How a witness answers: the decision, and the signature line when it cosigned.</summary>
internal delegate (WitnessDecision Decision, string? Line) Cosigner(AddCheckpoint request);

/// <summary>The one request of a witness over HTTP (C2SP tlog-witness).</summary>
internal static class WitnessEndpoints
{
    /// <param name="said">Is told of each request in one line.</param>
    public static void MapWitness(this IEndpointRouteBuilder routes, Cosigner cosigner, Action<string> said) =>
        routes.MapPost($"/{Witness.AddCheckpointPath}", context => Add(context, cosigner, said));

    private static async Task Add(HttpContext context, Cosigner cosigner, Action<string> said)
    {
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            said($"{e.StatusCode} refused: the body cannot be read ({PlainText.Clean(e.Message).TrimEnd('.')})");
            await Answer(context, e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"The body is longer than {AddCheckpoint.MostBytes} bytes." : "The body cannot be read.");
            return;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Nobody is there any more to be answered.
            said("--- the connection broke before the whole request was there");
            return;
        }
        if (!AddCheckpoint.TryParse(body.GetBuffer().AsSpan(0, (int)body.Length), out var request, out var fault))
        {
            said($"400 refused: {PlainText.Clean(fault)}");
            await Answer(context, StatusCodes.Status400BadRequest, $"The body is no add-checkpoint: {PlainText.Clean(fault)}.");
            return;
        }
        var what = $"{PlainText.Clean(request!.Head.Origin)} {request.Head.Size}:{request.Head.Root}";
        var (decision, line) = cosigner(request);
        // A log that contradicts itself has signed the proof of it.
        var evidence = decision.Verdict is WitnessVerdict.Forked or WitnessVerdict.Inconsistent ? $" Signed by the log: {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(request.Note.Format()))}" : "";
        said(line is null ? $"{decision.Status} refused {what}, old {request.OldSize}: {decision.Says}{evidence}" : $"{decision.Status} cosigned {what}");
        if (line is not null) await Answer(context, decision.Status, line, isLine: true);
        else if (decision.LastSize is { } last) await Answer(context, decision.Status, string.Create(CultureInfo.InvariantCulture, $"{last}\n"), isLine: true, Witness.SizeMediaType);
        else await Answer(context, decision.Status, decision.Says);
    }

    private static Task Answer(HttpContext context, int status, string text, bool isLine = false, string type = "text/plain; charset=utf-8")
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, type);
        return context.Response.WriteAsync(isLine ? text : text + "\n", CancellationToken.None);
    }
}
