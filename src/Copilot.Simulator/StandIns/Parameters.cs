using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Copilot.Simulator.StandIns;

/// <summary>The parameters of a request, from its query and, where it posts a form, from that.</summary>
internal sealed class Parameters
{
    private readonly Dictionary<string, List<string>> _values = [];

    private Parameters(IEnumerable<KeyValuePair<string, StringValues>> pairs)
    {
        foreach (var (name, values) in pairs)
        {
            if (!_values.TryGetValue(name, out var known)) _values[name] = known = [];
            known.AddRange(values.OfType<string>());
        }
    }

    /// <summary>The first value; null when it is missing or empty.</summary>
    public string? this[string name] => _values.TryGetValue(name, out var values) && values is [{ Length: > 0 } first, ..] ? first : null;

    public IReadOnlyList<string> All(string name) => _values.GetValueOrDefault(name, []);

    /// <summary>Of all that were given, each once.</summary>
    public IEnumerable<string> Names => _values.Keys;

    public bool Has(string name) => _values.ContainsKey(name);

    public static async Task<Parameters> Of(HttpContext context)
    {
        var form = HttpMethods.IsPost(context.Request.Method) && (context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) ?? false)
            ? QueryHelpers.ParseQuery(await context.Body())
            : [];
        return new(form.Concat(context.Request.Query));
    }
}
