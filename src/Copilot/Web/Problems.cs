using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Copilot.Web;

/// <summary>Errors as problem details (RFC 9457): what is wrong and how to mend it, never how the program is made.</summary>
internal static class Problems
{
    private const int RetryAfterSeconds = 10;

    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app
        .UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = Handle, SuppressDiagnosticsCallback = context => context.Exception is BadInputException or NoRoomException or KeyReusedException or BadHttpRequestException })
        .UseStatusCodePages(context => Write(context.HttpContext, context.HttpContext.Response.StatusCode, null, context.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => "There is nothing under this address. docs/http-api.md lists what there is.",
            StatusCodes.Status405MethodNotAllowed => "Use one of the methods in the Allow header.",
            StatusCodes.Status415UnsupportedMediaType => "Send the header Content-Type: application/json.",
            _ => null,
        }));

    public static Task Write(HttpContext context, int status, string? title, string? detail)
    {
        context.Response.StatusCode = status;
        if (status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests && !context.Response.Headers.ContainsKey("Retry-After")) context.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
        return context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new()
        {
            HttpContext = context,
            ProblemDetails = { Status = status, Title = title, Detail = detail is null ? null : PlainText.Clean(detail) },
        }).AsTask();
    }

    private static Task Handle(HttpContext context) => context.Features.Get<IExceptionHandlerFeature>()?.Error switch
    {
        BadInputException { Refusal: Refusal.Wrong } e => Write(context, StatusCodes.Status400BadRequest, "The request cannot be carried out.", e.Message),
        BadInputException { Refusal: Refusal.Missing } e => Write(context, StatusCodes.Status404NotFound, "Not there.", e.Message),
        BadInputException e => Write(context, StatusCodes.Status503ServiceUnavailable, "The copilot's own files say no.", e.Message),
        NoRoomException e => Write(context, StatusCodes.Status503ServiceUnavailable, "No room for more work.", e.Message),
        KeyReusedException e => Write(context, StatusCodes.Status422UnprocessableEntity, "The idempotency key was used before.", e.Message),
        BadHttpRequestException { InnerException: JsonException json } => Write(context, StatusCodes.Status400BadRequest, "The body is not as it has to be.", $"{json.Path}: {json.Message}"),
        BadHttpRequestException e => Write(context, e.StatusCode, null, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The body is too large. Copilot:Serve:MaxBodyBytes says how large it may be." : e.Message),
        _ => Write(context, StatusCodes.Status500InternalServerError, "Internal error; this is a defect.", "The log in the data folder has the details."),
    };
}
