using System.Diagnostics;
using Copilot.Core.Diagnoses;
using Copilot.Engine.Snapshots;

namespace Copilot.Engine.Investigations;

/// <summary>
/// Traces of investigations, by the names of OpenTelemetry's conventions for generative AI agents (opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-agent-spans):
/// the whole is <c>invoke_agent</c>, each reading <c>execute_tool</c>. Whether the engine is a language model or not, it is looked at in the same way. Attributes are names, ids and counts.
/// </summary>
public static class Tracing
{
    /// <summary>Whoever exports the traces subscribes to this name.</summary>
    public const string SourceName = "Copilot.Investigations";

    private const string Agent = "copilot";

    private static readonly ActivitySource Source = new(SourceName);

    internal static Activity? Investigation(Snapshot snapshot, RecordedReads reads) => Source.StartActivity($"invoke_agent {Agent}", ActivityKind.Internal)
        ?.SetTag("gen_ai.operation.name", "invoke_agent")
        .SetTag("gen_ai.provider.name", "copilot.deterministic")
        .SetTag("gen_ai.agent.name", Agent)
        .SetTag("gen_ai.conversation.id", reads.Stream)
        .SetTag("copilot.run", reads.Run)
        .SetTag("copilot.snapshot", snapshot.Name);

    internal static void Concluded(this Activity? activity, Diagnosis diagnosis) => activity
        ?.SetTag("copilot.status", DiagnosisJson.StatusName(diagnosis.Status))
        .SetTag("copilot.causes", diagnosis.ContributingFactors.Count);

    internal static Activity? Tool(string tool, string source, string call) => Source.StartActivity($"execute_tool {tool}", ActivityKind.Internal)
        ?.SetTag("gen_ai.operation.name", "execute_tool")
        .SetTag("gen_ai.tool.name", tool)
        .SetTag("gen_ai.tool.type", "datastore")
        .SetTag("gen_ai.tool.call.id", call)
        .SetTag("gen_ai.data_source.id", source);

    internal static void Failed(this Activity? activity, Exception e) => activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", e.GetType().FullName);

    /// <summary>Does what can fail within a span.</summary>
    internal static T Within<T>(this Activity? activity, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e)
        {
            activity.Failed(e);
            throw;
        }
    }
}
