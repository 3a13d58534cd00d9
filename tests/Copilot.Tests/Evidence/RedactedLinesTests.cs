using Serilog;
using Serilog.Core;
using Serilog.Events;
using Xunit;

namespace Copilot.Tests.Evidence;

public sealed class RedactedLinesTests
{
    private const string Secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

    [Fact]
    public void Format_SecretAnywhereInTheEvent_IsTakenOutAndTheRestStays()
    {
        using var sink = new Sink();
        using var log = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();

        log.Error(Thrown(), "asked {Host} for {@Request} with " + Secret, "db-1", new { Token = Secret, Path = "/a" });

        Assert.DoesNotContain(Secret, sink.Text);
        Assert.Contains(" ERR asked db-1 for ", sink.Text);
        Assert.Contains("InvalidOperationException: the key ", sink.Text);
        Assert.Contains("at Copilot.Tests.Evidence.RedactedLinesTests.Thrown", sink.Text);
        Assert.Matches(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z ", sink.Text);
    }

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException($"the key {Secret} is not known", new IOException($"password={Secret}"));
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    private sealed class Sink : ILogEventSink, IDisposable
    {
        private readonly StringWriter _text = new();

        public string Text => _text.ToString();

        public void Emit(LogEvent logEvent) => new RedactedLines().Format(logEvent, _text);

        public void Dispose() => _text.Dispose();
    }
}
