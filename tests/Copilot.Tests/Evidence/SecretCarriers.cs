using System.Text.Encodings.Web;
using System.Text.Json;

namespace Copilot.Tests.Evidence;

/// <summary>The kinds of text in which incidents carry secrets.</summary>
internal static class SecretCarriers
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<(string Name, string Text)> Of(string text)
    {
        var inJson = JsonSerializer.Serialize(text, Relaxed);
        yield return ("alone", text);
        yield return ("log line", $"2026-01-05T10:11:12.131Z ERROR [worker-3] checkout: {text}");
        yield return ("log line that goes on", $"level=error msg=failed {text} caller=db.go:41");
        yield return ("JSON payload", $"{{\"level\":\"error\",\"message\":{inJson},\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}}");
        yield return ("strict JSON payload", $"{{\"message\":{JsonSerializer.Serialize(text)},\"n\":1}}");
        yield return ("JSON in JSON", JsonSerializer.Serialize($"{{\"message\":{inJson}}}", Relaxed));
        yield return ("JSON in TSV", $"\"{{\"\"body\"\":{inJson.Replace("\"", "\"\"", StringComparison.Ordinal)}}}\"");
        yield return ("event message", $"Back-off restarting failed container: {text}");
        yield return ("span attribute", $"{{'rpc.system': 'grpc', 'exception.message': '{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}'}}");
        yield return ("alert description", $"Pod shop/checkout-7d9f8b6c5-x2x4k reports: {text}. See https://runbooks.example.com/checkout");
        yield return ("stack trace", $"java.lang.IllegalStateException: {text}\n\tat com.acme.shop.Db.open(Db.java:41)\n\tat com.acme.shop.Main.main(Main.java:9)");
    }
}
