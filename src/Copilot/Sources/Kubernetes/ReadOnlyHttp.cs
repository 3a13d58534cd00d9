namespace Copilot.Sources.Kubernetes;

/// <summary>Lets nothing through to a watched system that could change it. Every client of one is made with it.</summary>
internal sealed class ReadOnlyHttp : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head
            ? base.SendAsync(request, cancellationToken)
            : throw new InvalidOperationException($"{request.Method} {request.RequestUri?.AbsolutePath} is refused: the copilot only reads what it watches.");
}
