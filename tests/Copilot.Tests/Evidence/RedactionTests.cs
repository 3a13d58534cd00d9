using Copilot.Core.Evidence;
using Xunit;

namespace Copilot.Tests.Evidence;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("login with password=hunter2hunter failed")]
    [InlineData("login with password hunter2hunter failed")]
    [InlineData("{\"clientSecret\": \"hunter2hunter\"}")]
    [InlineData("Server=h;Uid=u;Pwd=hunter2hunter;")]
    [InlineData("DB_PASS=hunter2hunter")]
    [InlineData("run --token hunter2hunter now")]
    [InlineData("redis://:hunter2hunter@cache:6379")]
    [InlineData("Authorization: Bearer hunter2hunterhunter2hunter")]
    [InlineData("Authorization: Basic hunter2hunter==")]
    [InlineData("https://hooks.slack.com/services/T0/B0/hunter2hunter")]
    [InlineData("key sk_live_hunter2hunter is bad")]
    [InlineData("glpat-hunter2hunterhunter2")]
    public void Apply_Secret_IsGone(string text) => Assert.DoesNotContain("hunter2", Redaction.Apply(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("shop/Secret/db-credentials is the cause")]
    [InlineData("MountVolume.SetUp failed: secret \"db-credentials\" not found")]
    [InlineData("password authentication failed for user shop")]
    [InlineData("token expired at noon")]
    public void Apply_NameOfAnObjectOrPlainWords_StayReadable(string text) => Assert.Equal(text, Redaction.Apply(text));

    [Theory]
    [InlineData("env[DB_PASSWORD].value", true)]
    [InlineData("env[MYSQL_PWD].value", true)]
    [InlineData("env[DB_PASS].value", true)]
    [InlineData("env[STRIPE_KEY].value", true)]
    [InlineData("data[settings.yaml][db.passphrase]", true)]
    [InlineData("data[settings.yaml][cache.key]", false)]
    [InlineData("data[settings.yaml][nav.bypass]", false)]
    public void IsSecretName_OfAField(string path, bool secret) => Assert.Equal(secret, Redaction.IsSecretName(path));
}
