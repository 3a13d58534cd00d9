using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Copilot.Simulator.Faults;

namespace Copilot.Simulator.Recordings;

/// <summary>Nezha's right answers, printed as Python prints them with an indentation of 4.</summary>
internal static class NezhaLabels
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, IndentSize = 4, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The faults of a day by their hour. inject_time and inject_timestamp are the same moment in UTC.</summary>
    public static string Faults(IEnumerable<(FaultPlan Plan, string Pod)> faults) => Print(json =>
    {
        foreach (var hour in faults.GroupBy(f => Moment.ToTime(f.Plan.At).ToString("HH")))
        {
            json.WriteStartArray(hour.Key);
            foreach (var (plan, pod) in hour)
            {
                json.WriteStartObject();
                json.WriteString("inject_time", Moment.Seconds(plan.At));
                json.WriteString("inject_timestamp", $"{plan.At / Moment.Second}");
                json.WriteString("inject_pod", pod);
                json.WriteString("inject_type", FaultLabels.Nezha(plan.Fault));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    });

    /// <summary>The second label by service and inject_type.</summary>
    public static string Inner(IEnumerable<FaultPlan> plans) => Print(json =>
    {
        foreach (var service in plans.GroupBy(p => p.Victim.Name))
        {
            json.WriteStartObject(service.Key);
            foreach (var plan in service) json.WriteString(FaultLabels.Nezha(plan.Fault), FaultLabels.NezhaInner(plan));
            json.WriteEndObject();
        }
    });

    private static string Print(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
