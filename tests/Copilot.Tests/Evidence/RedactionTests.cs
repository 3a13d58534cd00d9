using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
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
    [InlineData("a\\nglpat-hunter2hunterhunter2")]
    [InlineData("token%3Dsk-proj-hunter2hunter")]
    [InlineData("(xapp-1-hunter2hunter)")]
    [InlineData("_SG.hunter2hunter.x")]
    public void Apply_Secret_IsGone(string text) => Assert.DoesNotContain("hunter2", Redaction.Apply(text), StringComparison.Ordinal);

    [Fact]
    public void Corpus_IsLargeAndTellsItsKindsApart()
    {
        var secrets = SecretCorpus.Of(1);

        Assert.True(secrets.Count >= 60, $"{secrets.Count} secrets");
        Assert.Equal(secrets.Count, secrets.Select(s => s.Kind).Distinct().Count());
        Assert.All(secrets, s => Assert.NotNull(s.LeakIn(s.Text))); // else nothing could fail below
    }

    [Fact]
    public void Apply_CorpusInEveryCarrier_ShowsNoPart()
    {
        var leaks = from seed in Enumerable.Range(1, TestCounts.Pick(8, 60))
                    from secret in SecretCorpus.Of(seed)
                    from carrier in SecretCarriers.Of(secret.Text)
                    let shown = Redaction.Apply(carrier.Text)
                    let leak = secret.LeakIn(shown)
                    where leak is not null
                    select $"{secret.Kind} in {carrier.Name}, seed {seed}: {leak} of {shown.ReplaceLineEndings("⏎")}";

        if (leaks.ToList() is { Count: > 0 } found) Assert.Fail($"{found.Count} leaks:\n{string.Join('\n', found.Take(20))}");
    }

    [Fact]
    public void Apply_Twice_ChangesNothingMore()
    {
        var texts = SecretCorpus.Of(1).SelectMany(s => SecretCarriers.Of(s.Text)).Select(c => Redaction.Apply(c.Text));

        Assert.Equal("", string.Join('\n', texts.Where(t => Redaction.Apply(t) != t).Select(t => $"{t} becomes {Redaction.Apply(t)}")));
    }

    [Fact]
    public void Apply_CorpusInALogLine_LeavesTheRest() => Assert.All(SecretCorpus.Of(1).SelectMany(s => SecretCarriers.Of(s.Text)).Where(c => c.Name == "log line"),
        c => Assert.StartsWith("2026-01-05T10:11:12.131Z ERROR [worker-3] checkout: ", Redaction.Apply(c.Text)));

    /// <summary>The time in an id may read as the beginning of an access key, whatever the rest of it is.</summary>
    [Fact]
    public void Apply_UlidOfAnyTime_StaysReadable()
    {
        var random = new Random(3);
        var bytes = new byte[Ulid.RandomBytes];
        foreach (var beginning in (string[])["A3T", "ACCA"])
        {
            for (var at = 1; at + beginning.Length <= 10; at++)
            {
                for (var round = 0; round < 200; round++)
                {
                    random.NextBytes(bytes);
                    var id = Ulid.Create(DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(1L << 47)), bytes);
                    id = $"{id[..at]}{beginning}{id[(at + beginning.Length)..]}";
                    Assert.True(Ulid.IsValid(id));
                    foreach (var text in (string[])[id, $"{id}  ready: approved", $"\"{id}\",", $"/var/lib/copilot/runs/{id}.json", $"request {id}:2"]) Assert.Equal(text, Redaction.Apply(text));
                }
            }
        }
        // A key is gone all the same, also between signs and behind what is no id.
        foreach (var text in (string[])["A3TX0123456789ABCDEF", "id=A3TX0123456789ABCDEF;", "01M8MZ A3TX0123456789ABCDEF", "9ZZZZZA3TX0123456789ABCDEF", "01M8MUA3TX0123456789ABCDEF", "01M8MZA3T02EF57H3XZ4JE75R4 A3TX0123456789ABCDEF"])
            Assert.DoesNotContain("A3TX0123456789ABCDEF", Redaction.Apply(text), StringComparison.Ordinal);
        Assert.Equal("01M8MZA3T02EF57H3XZ4JE75R4 " + Redaction.Mask, Redaction.Apply("01M8MZA3T02EF57H3XZ4JE75R4 sk-ant-hunter2hunter"));
    }

    [Theory]
    [InlineData("pod task-admin-7d9f8c6b5d-x2x4z is not ready")]
    [InlineData("shop/Deployment/maxapp-frontend is the cause")]
    [InlineData("shop/Pod/kiosk-or-bar-0123456789 restarted")]
    [InlineData("ERRMSG.ConnectionRefusedByPeer")]
    [InlineData("eaglrt-0123456789-abcde")]
    [InlineData("shop/Secret/db-credentials is the cause")]
    [InlineData("MountVolume.SetUp failed: secret \"db-credentials\" not found")]
    [InlineData("MountVolume.SetUp failed for volume \"kube-api-access-7x2kq\" : secret \"sh.helm.release.v1.payments.v12\" not found")]
    [InlineData("secret \"default-token-x7k2p\" not found")]
    [InlineData("secret: \"db-login\" not found")]
    [InlineData("password authentication failed for user shop")]
    [InlineData("token expired at noon")]
    [InlineData("invalid token: unexpected end of JSON input")]
    [InlineData("Invalid password: the account shop-2 is locked")]
    [InlineData("couldn't find key password in Secret shop/db-credentials")]
    [InlineData("{\"max_tokens\": 4096, \"total_tokens\":12345678}")]
    [InlineData("automountServiceAccountToken: false, tokenRequired: true")]
    [InlineData("password: ${DB_PASSWORD}")]
    [InlineData("Pulled image registry.example.com/shop/checkout@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    [InlineData("docker-pullable://nginx:1.25@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    [InlineData("Back-off pulling image \"checkout:4f3c2b1a9d8e7f60a1b2c3d4e5f60718293a4b5c\"")]
    [InlineData("trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7")]
    [InlineData("session.id: 6aeb0141-cf5e-4529-adc9-571d6f93039f")]
    [InlineData("pod checkout-7d9f8b6c5-x2x4k on ip-10-2-17-240")]
    [InlineData("POST /opentelemetry.proto.collector.trace.v1.TraceService/Export 200")]
    [InlineData("dial tcp: lookup redis://cache:6379/0: no such host")]
    [InlineData("GET http://checkout:8080/orders/17?page=2&code=404 by bob@example.com")]
    [InlineData("io.acme.shop.CheckoutServiceV2Impl$$EnhancerBySpringCGLIB$$8f3a2b1c.placeOrder")]
    [InlineData("task-learn-model-server-5d4f8c7b6-abcde started")]
    [InlineData("author: Jane, by-pass this, compass: north, auth: success")]
    [InlineData("db-secret not found, api-token missing")]
    public void Apply_NameOfAnObjectOrPlainWords_StayReadable(string text) => Assert.Equal(text, Redaction.Apply(text));

    [Theory]
    [InlineData("spec.template.spec.containers[app].env[DB_PASSWORD].value", "letmein", Redaction.Mask)]
    [InlineData("spec.template.spec.containers[app].args[4 --api-key]", "letmein", Redaction.Mask)]
    [InlineData("spec.template.spec.containers[app].args[2]", "--api-key=letmein", "--api-key=" + Redaction.Mask)]
    [InlineData("data[app.properties].db.password", "letmein", Redaction.Mask)]
    [InlineData("data[redis-pass]", "letmein", Redaction.Mask)]
    [InlineData("spec.template.spec.automountServiceAccountToken", "false", "false")]
    [InlineData("spec.template.spec.containers[app].env[DB_PASSWORD].valueFrom.secretKeyRef.name", "db-login", "db-login")]
    [InlineData("spec.template.spec.volumes[tls].secret.secretName", "shop-tls", "shop-tls")]
    public void OfField_ByPath(string path, string value, string shown) => Assert.Equal(shown, Redaction.OfField(path, value));

    /// <summary>Texts that make a backtracking expression, or one that looks past its match, take time by the square. No clock: 16 times the text is given, and it would not end.</summary>
    [Theory]
    [InlineData("password:")]
    [InlineData("mysql ")]
    [InlineData("eyJ")]
    [InlineData("://a:")]
    [InlineData("-----BEGIN PRIVATE KEY ")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----")]
    [InlineData("\\\"")]
    [InlineData("\"password\":\"\\")]
    [InlineData("name:PASSWORD,")]
    [InlineData("cookie: a=")]
    [InlineData("A1b")]
    [InlineData("-")]
    [InlineData("kind: Secret data\": {")]
    public async Task Apply_AMegabyteOfTheWorst_Ends(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, (1 << 20) / unit.Length));

        var work = Task.Run(() => Redaction.Apply(text), TestContext.Current.CancellationToken);

        Assert.True(await work.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken) is { Length: > 0 });
    }

    [Theory]
    [InlineData("env[DB_PASSWORD].value", true)]
    [InlineData("env[MYSQL_PWD].value", true)]
    [InlineData("env[DB_PASS].value", true)]
    [InlineData("env[STRIPE_KEY].value", true)]
    [InlineData("data[settings.yaml][db.passphrase]", true)]
    [InlineData("data[settings.yaml][cache.key]", false)]
    [InlineData("data[settings.yaml][nav.bypass]", false)]
    [InlineData("env[DB_PASSWORD_PROD].value", true)]
    [InlineData("data[.dockerconfigjson]", true)]
    [InlineData("data[tls.key]", true)]
    [InlineData("spec.template.spec.containers[app].args[3 --token]", true)]
    [InlineData("env[DB_PASSWORD].valueFrom.secretKeyRef.name", false)]
    [InlineData("env[PASSWORD_FILE].value", false)]
    [InlineData("env[TOKEN_TTL].value", false)]
    [InlineData("spec.template.spec.imagePullSecrets[regcred].name", false)]
    public void IsSecretName_OfAField(string path, bool secret) => Assert.Equal(secret, Redaction.IsSecretName(path));
}
