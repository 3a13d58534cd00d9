using System.Text;
using Copilot.Configuration;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.UseCases;

public sealed class AlertReaderTests : IDisposable
{
    private const string Mappings = """
        alert_mappings: v1
        sources:
          uptime:
            alerts: /checks
            name: /check/title
            state: /state
            firing: [DOWN]
            resolved: [UP]
            starts_at: /since
            labels:
              namespace: /tags/0
              service: /check/name
            annotations:
              summary: /detail
        """;

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Webhook_TakesLabelsStateAndTimes()
    {
        var alert = Assert.Single(Read("alertmanager", """
            {"version":"4","groupKey":"{}","status":"firing","receiver":"r","alerts":[
              {"status":"resolved","labels":{"alertname":"Slow","service":"cart"},"annotations":{"note":"password=hunter2hunter2"},
               "startsAt":"2026-03-01T13:00:00+02:00","endsAt":"2026-03-01T11:30:00Z","fingerprint":"made up","generatorURL":"http://x"}]}
            """));

        Assert.Equal(("Slow", false, Now.AddHours(-1), Now.AddMinutes(-30)), (alert.Name, alert.Firing, alert.StartsAt, alert.EndsAt));
        Assert.Equal("cart", alert.Labels["service"]);
        Assert.Matches("^[0-9a-f]{16}$", alert.Fingerprint);
        Assert.DoesNotContain("hunter2", alert.Annotations["note"]);
    }

    [Theory]
    [InlineData("2027-01-01T00:00:00Z")] // a clock that runs ahead
    [InlineData("0001-01-01T00:00:00Z")] // Go's zero
    public void Read_ImpossibleStart_IsNow(string startsAt) =>
        Assert.Equal(Now, Read("alertmanager", $$"""{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A"},"startsAt":"{{startsAt}}"}]}""")[0].StartsAt);

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{", "line 1")]
    [InlineData("\xff\xfe", "no JSON")]
    [InlineData("[]", "\"4\"")]
    [InlineData("{\"version\":\"5\",\"alerts\":[]}", "\"4\"")]
    [InlineData("{\"version\":4,\"alerts\":[]}", "\"4\"")]
    [InlineData("{\"version\":\"4\"}", "/alerts is no array")]
    [InlineData("{\"version\":\"4\",\"alerts\":[7]}", "/alerts/0 is no object")]
    [InlineData("{\"version\":\"4\",\"alerts\":[{}]}", "/alerts/0/status")]
    [InlineData("{\"version\":\"4\",\"alerts\":[{\"status\":\"open\"}]}", "/alerts/0/status")]
    [InlineData("{\"version\":\"4\",\"alerts\":[{\"status\":\"firing\"}]}", "/alerts/0/labels/alertname")]
    [InlineData("{\"version\":\"4\",\"alerts\":[{\"status\":\"firing\",\"labels\":[]}]}", "/alerts/0/labels is no object")]
    [InlineData("{\"version\":\"4\",\"alerts\":[{\"status\":\"firing\",\"labels\":{\"alertname\":7}}]}", "/alerts/0/labels/alertname is no text")]
    [InlineData("{\"version\":\"4\",\"alerts\":[{\"status\":\"firing\",\"labels\":{\"alertname\":\"A\"},\"startsAt\":\"soon\"}]}", "/alerts/0/startsAt")]
    [InlineData("{\"version\":\"4\",\"version\":\"4\",\"alerts\":[]}", "no JSON")]
    public void Read_BrokenWebhook_IsRefusedWithThePlace(string body, string says) => Assert.Contains(says, Assert.Throws<BadInputException>(() => Read("alertmanager", body)).Message);

    [Fact]
    public void Read_Mapped_TakesWhatThePointersName()
    {
        var alerts = Read("uptime", """{"checks":[{"check":{"title":"Cart is up","name":"cart"},"state":"DOWN","since":1772362800,"tags":["shop"],"detail":"no answer"},{"check":{"title":"Web"},"state":"UP"}]}""");

        Assert.Equal(("Cart is up", true, Now.AddHours(-1)), (alerts[0].Name, alerts[0].Firing, alerts[0].StartsAt));
        Assert.Equal(("shop", "cart", "no answer"), (alerts[0].Labels["namespace"], alerts[0].Labels["service"], alerts[0].Annotations["summary"]));
        Assert.Equal((false, Now, 1), (alerts[1].Firing, alerts[1].StartsAt, alerts[1].Labels.Count));
    }

    [Theory]
    [InlineData("uptime", """{"checks":[{"state":"DOWN"}]}""", "/check/title")]
    [InlineData("uptime", """{"checks":[{"check":{"title":"A"},"state":"AWAY"}]}""", "DOWN, UP")]
    [InlineData("uptime", """{"checks":[{"check":{"title":"A"},"state":"UP","since":"yesterday"}]}""", "no time")]
    [InlineData("pager", "{}", "There is no source pager. Known are alertmanager, uptime")]
    public void Read_NotAsMapped_IsRefusedWithThePlace(string source, string body, string says) => Assert.Contains(says, Assert.Throws<BadInputException>(() => Read(source, body)).Message);

    [Theory]
    [InlineData("name: /check/title", "name: title", "Begin it with a slash")]
    [InlineData("resolved: [UP]", "resolved: [DOWN]", "means both")]
    [InlineData("  uptime:", "  alertmanager:", "built in")]
    [InlineData("state: /state", "stat: /state", "Did you mean state?")]
    public void Load_BrokenMapping_IsRefusedWithLineAndRemedy(string good, string bad, string says)
    {
        var fault = Assert.Throws<Copilot.Engine.Yaml.FileFaultException>(() => Read("uptime", "{}", Mappings.Replace(good, bad, StringComparison.Ordinal)));
        Assert.Contains(says, fault.Message);
        Assert.Matches("mappings.yaml:[0-9]+", fault.Message);
    }

    private IReadOnlyList<Core.Incidents.InboundAlert> Read(string source, string body, string mappings = Mappings) =>
        new AlertReader(new AlertOptions { Mappings = _folder.Write("mappings.yaml", mappings) }).Read(source, Encoding.UTF8.GetBytes(body), Now);
}
