using System.Globalization;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers.Nezha;

/// <summary>One injected fault.</summary>
/// <param name="Day">The folder of its day.</param>
/// <param name="At">When, by <c>inject_time</c>, which is UTC. <c>inject_timestamp</c> is wrong for half of the published faults, by up to eight hours, and not read.</param>
/// <param name="Inner">The second label: a metric, or the log statements between which the fault lies; null where none is there.</param>
internal sealed record NezhaFault(string Day, DateTimeOffset At, string Pod, string Type, string? Inner)
{
    /// <summary>The set's own rule: a pod's name without its last two parts.</summary>
    public string Service => ServiceOf(Pod);

    /// <summary>The minute that its files are named after.</summary>
    public DateTimeOffset Minute => new(At.Year, At.Month, At.Day, At.Hour, At.Minute, 0, TimeSpan.Zero);

    public static string ServiceOf(string pod) => pod.Split('-') is { Length: > 2 } parts ? string.Join('-', parts[..^2]) : pod;
}

/// <summary>Reads the labels. All faults of a file are told at once, in a <see cref="FileFaultException"/>.</summary>
internal static class NezhaLabels
{
    public static IReadOnlyList<NezhaFault> Read(NezhaFolder folder)
    {
        var inner = Inner(folder);
        return [.. folder.Days.SelectMany(d => Faults(d.Day, d.Labels, inner)).OrderBy(f => f.At).ThenBy(f => f.Pod, StringComparer.Ordinal)];
    }

    private static List<NezhaFault> Faults(string day, string file, Dictionary<(string, string), string> inner)
    {
        using var json = Parse(file);
        var faults = new List<NezhaFault>();
        var wrong = new List<string>();
        if (json.RootElement.ValueKind != JsonValueKind.Object) wrong.Add(Words(file, "no object with a list of faults for each hour", "{\"08\": [{…}]}"));
        else
        {
            foreach (var hour in json.RootElement.EnumerateObject())
            {
                if (hour.Value.ValueKind != JsonValueKind.Array)
                {
                    wrong.Add(Words(file, $"hour {hour.Name} has no list of faults", "[{…}]"));
                    continue;
                }
                var number = 0;
                foreach (var entry in hour.Value.EnumerateArray())
                {
                    var what = $"fault {++number} of hour {hour.Name}";
                    var (pod, type) = (Text(entry, "inject_pod"), Text(entry, "inject_type"));
                    var timed = DateTimeOffset.TryParseExact(Text(entry, "inject_time"), "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at);
                    if (!timed) wrong.Add(Words(file, $"{what} has no inject_time", "\"inject_time\": \"2023-01-29 08:43:04\""));
                    if (pod.Length == 0) wrong.Add(Words(file, $"{what} has no inject_pod", "\"inject_pod\": \"NAME\""));
                    if (type.Length == 0) wrong.Add(Words(file, $"{what} has no inject_type", "\"inject_type\": \"cpu_contention\""));
                    faults.Add(new(day, at, pod, type, inner.GetValueOrDefault((NezhaFault.ServiceOf(pod), type))));
                }
            }
        }
        return wrong.Count == 0 ? faults : throw new FileFaultException(wrong);
    }

    private static Dictionary<(string Service, string Type), string> Inner(NezhaFolder folder)
    {
        var labels = new Dictionary<(string, string), string>();
        foreach (var file in folder.InnerLabels)
        {
            using var json = Parse(file);
            if (json.RootElement.ValueKind != JsonValueKind.Object) continue;
            foreach (var service in json.RootElement.EnumerateObject().Where(s => s.Value.ValueKind == JsonValueKind.Object))
                foreach (var type in service.Value.EnumerateObject())
                    if (Text(service.Value, type.Name) is { Length: > 0 } label) labels.TryAdd((service.Name, type.Name), label);
        }
        return labels;
    }

    private static JsonDocument Parse(string file)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(file));
        }
        catch (JsonException e)
        {
            throw new FileFaultException(StrictYaml.Words(file, (int)(e.LineNumber ?? 0) + 1, "broken JSON", "Unpack the data set again."), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException(PlainText.Clean($"{file} cannot be read ({e.Message.TrimEnd('.')}). Check the permissions."), e);
        }
    }

    private static string Words(string file, string what, string form) => PlainText.Clean($"{file}: {what}. Write it as {form}.");

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
