using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Reads what callers send, and writes what they get.</summary>
internal static class Bodies
{
    /// <summary>As the real server: etcd would not take more.</summary>
    public const int MostBytes = 3 * 1024 * 1024;
    private const int MaxDepth = 100;

    public static readonly string[] ObjectTypes = ["application/json", "application/yaml", Protobuf];

    private const string Protobuf = "application/vnd.kubernetes.protobuf";

    public static string ContentType(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim();

    /// <exception cref="ApiErrorException">It is too large or cannot be read.</exception>
    public static async Task<JsonNode?> Read(HttpRequest request, bool isYaml)
    {
        var bytes = await Bytes(request);
        if (bytes.Length == 0) return null;
        if (ContentType(request) == Protobuf) return Wire.WireDecoder.Read(bytes);
        var text = Encoding.UTF8.GetString(bytes);
        return isYaml && !text.TrimStart().StartsWith('{') ? Yaml(text) : Json(text);
    }

    /// <summary>An object in one of the types that the server takes objects in.</summary>
    /// <exception cref="ApiErrorException">It is none.</exception>
    public static async Task<JsonObject> ReadObject(HttpRequest request)
    {
        var type = ContentType(request);
        if (type.Length > 0 && !ObjectTypes.Contains(type)) throw ApiErrorException.Unsupported(type, ObjectTypes);
        return await Read(request, type == "application/yaml") as JsonObject ?? throw ApiErrorException.BadRequest("the object provided is unrecognized (must be of type object): couldn't get version/kind; json parse error: unexpected end of JSON input");
    }

    public static Task Write(HttpContext http, int status, JsonObject body, string type = "application/json")
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        return http.Response.Body.WriteAsync(Encode(body), http.RequestAborted).AsTask();
    }

    public static byte[] Encode(JsonObject body) => Encoding.UTF8.GetBytes(body.ToJsonString(Output) + "\n");

    /// <exception cref="ApiErrorException">It is no JSON.</exception>
    public static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw ApiErrorException.BadRequest($"the object provided is unrecognized (must be of type object): couldn't get version/kind; json parse error: {e.Message}");
        }
    }

    /// <exception cref="ApiErrorException">It is no YAML, or several documents.</exception>
    public static JsonNode? Yaml(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count > 1) throw ApiErrorException.BadRequest("error decoding YAML: more than one document");
            return stream.Documents.Count == 0 ? null : Convert(stream.Documents[0].RootNode, 0);
        }
        catch (YamlException e)
        {
            throw ApiErrorException.BadRequest($"error decoding YAML: error converting YAML to JSON: yaml: line {e.Start.Line}: {e.Message}");
        }
    }

    private static readonly JsonSerializerOptions Output = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static async Task<byte[]> Bytes(HttpRequest request)
    {
        var buffer = new MemoryStream();
        var chunk = new byte[16384];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, request.HttpContext.RequestAborted)) > 0)
        {
            if (buffer.Length + read > MostBytes) throw new ApiErrorException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MostBytes}");
            buffer.Write(chunk, 0, read);
        }
        return buffer.ToArray();
    }

    private static JsonNode? Convert(YamlNode node, int depth)
    {
        // An alias may name what holds it, or a thousand copies of itself.
        if (depth > MaxDepth) throw ApiErrorException.BadRequest("error decoding YAML: nested too deeply");
        switch (node)
        {
            case YamlMappingNode map:
                var result = new JsonObject();
                foreach (var (key, value) in map.Children) result[(key as YamlScalarNode)?.Value ?? ""] = Convert(value, depth + 1);
                return result;
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(c => Convert(c, depth + 1))]);
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                throw ApiErrorException.BadRequest("error decoding YAML: an alias that names nothing");
        }
    }

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any)) return text;
        if (text is "" or "~" or "null" or "Null" or "NULL") return null;
        if (text is "true" or "True" or "TRUE") return true;
        if (text is "false" or "False" or "FALSE") return false;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        return text.Any(char.IsAsciiDigit) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? real : text;
    }
}
