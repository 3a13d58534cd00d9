using Copilot.Core.Evidence;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace Copilot;

/// <summary>Writes log events with whatever looks like a secret taken out of the finished line: of messages, of properties and of exceptions alike.</summary>
internal sealed class RedactedLines(ITextFormatter formatter) : ITextFormatter
{
    public static readonly RedactedLines Plain = new(new MessageTemplateTextFormatter("{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ} {Level:u3} {Message:lj}{NewLine}{Exception}"));

    /// <summary>A JSON object a line, for collectors.</summary>
    public static readonly RedactedLines Json = new(new RenderedCompactJsonFormatter());

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter();
        formatter.Format(logEvent, line);
        output.Write(Redaction.Apply(line.ToString()));
    }
}
