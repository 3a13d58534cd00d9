using Copilot.Core.Evidence;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace Copilot;

/// <summary>Writes log events with whatever looks like a secret taken out of the finished line: of messages, of properties and of exceptions alike.</summary>
internal sealed class RedactedLines : ITextFormatter
{
    private static readonly MessageTemplateTextFormatter Lines = new("{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ} {Level:u3} {Message:lj}{NewLine}{Exception}");

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter();
        Lines.Format(logEvent, line);
        output.Write(Redaction.Apply(line.ToString()));
    }
}
