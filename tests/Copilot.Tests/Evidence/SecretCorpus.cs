using System.Buffers;
using System.Text;

namespace Copilot.Tests.Evidence;

/// <summary>A secret as incidents have it. Made from a seed, so that none stands in the repository.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">The part that may not be shown, nor any eight characters of it in a row (<see cref="LeakIn"/>).</param>
/// <param name="Text">It with what stands around it and tells that it is a secret.</param>
internal sealed record PlantedSecret(string Kind, string Value, string Text)
{
    private const int Recognisable = 8;
    /// <summary>Of digits and a to f alone: eight of them stand in the digests of some run in two hundred by chance.</summary>
    private const int RecognisableHexadecimal = 14;
    private static readonly SearchValues<char> OfDigests = SearchValues.Create("0123456789abcdef");

    /// <summary>Eight characters in a row of the value that the text still shows, more where they could be of any digest; null when there are none.</summary>
    public string? LeakIn(string text)
    {
        foreach (var piece in Value.Split(['\n', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (piece.Length < Recognisable && piece.Length >= 5 && text.Contains(piece, StringComparison.Ordinal)) return piece;
            for (var i = 0; i + Recognisable <= piece.Length; i++)
                if (text.Contains(piece.AsSpan(i, Recognisable), StringComparison.Ordinal) && Shown(text, piece, i) is { } shown) return shown;
        }
        return null;
    }

    private static string? Shown(string text, string piece, int at)
    {
        if (piece.AsSpan(at, Recognisable).ContainsAnyExcept(OfDigests)) return piece.Substring(at, Recognisable);
        // The whole piece, where it is shorter than what a digest would have to share with it.
        var length = Math.Min(RecognisableHexadecimal, piece.Length);
        var from = Math.Min(at, piece.Length - length);
        return text.Contains(piece.AsSpan(from, length), StringComparison.Ordinal) ? piece.Substring(from, length) : null;
    }

    public override string ToString() => Kind;
}

/// <summary>Makes secrets of the forms in use: by the documentation of those who issue them, with random bodies.</summary>
internal sealed partial class SecretCorpus
{
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const string Alphanumeric = Upper + Lower + Digits;
    private const string UrlSafe = Alphanumeric + "-_";
    private const string Hexadecimal = "0123456789abcdef";

    private readonly Random _random;
    private readonly List<PlantedSecret> _secrets = [];

    private SecretCorpus(int seed) => _random = new Random(seed);

    public static IReadOnlyList<PlantedSecret> Of(int seed)
    {
        var corpus = new SecretCorpus(seed);
        corpus.Tokens();
        corpus.Keys();
        corpus.Urls();
        corpus.ConnectionStrings();
        corpus.Headers();
        corpus.Settings();
        corpus.Commands();
        corpus.Kubernetes();
        return corpus._secrets;
    }

    private void Tokens()
    {
        Plain("AWS access key id", "AKIA", Some(16, Upper + "234567"), "credentials {0} are not active");
        Plain("GitHub token", "ghp_", Some(36, Alphanumeric), "git clone failed with {0}");
        Plain("GitHub fine-grained token", "github_pat_", $"{Some(22, Alphanumeric)}_{Some(59, Alphanumeric)}", "using {0}");
        Plain("GitLab token", "glpat-", Some(20, UrlSafe), "runner registered with {0}");
        Plain("Slack bot token", "xoxb-", $"{Some(12, Digits)}-{Some(13, Digits)}-{Some(24, Alphanumeric)}", "slack client: {0}");
        Plain("Slack web hook", "https://hooks.slack.com/services/", $"T{Some(8, Upper + Digits)}/B{Some(10, Upper + Digits)}/{Some(24, Alphanumeric)}", "POST {0} 404");
        Plain("Google API key", "AIza", Some(35, UrlSafe), "maps call with {0}");
        Plain("Google OAuth token", "ya29.", Some(60, UrlSafe), "refreshed to {0}");
        Plain("Google OAuth client secret", "GOCSPX-", Some(28, UrlSafe), "client {0}");
        Plain("Stripe key", "sk_" + "live_", Some(24, Alphanumeric), "No such customer (key {0})");
        Plain("Stripe hook secret", "whsec_", Some(32, Alphanumeric), "signature by {0} wrong");
        Plain("npm token", "npm_", Some(36, Alphanumeric), "//registry.npmjs.org/:_authToken={0}");
        Plain("PyPI token", "pypi-", "AgEIcHlwaS5vcmc" + Some(80, UrlSafe), "upload as {0}");
        Plain("Azure AD client secret", "", $"{Some(3, Alphanumeric)}8Q~{Some(34, Alphanumeric)}", "AADSTS7000215: Invalid client secret {0}");
        Plain("SendGrid key", "SG.", $"{Some(22, UrlSafe)}.{Some(43, UrlSafe)}", "mailer {0} refused");
        Plain("Twilio key", "SK", Some(32, Hexadecimal), "twilio client {0}");
        Plain("OpenAI-like key", "sk-", Some(48, Alphanumeric), "Incorrect API key provided: {0}");
        Plain("OpenAI-like project key", "sk-proj-", Some(64, UrlSafe), "llm call with {0}");
        Plain("Anthropic-like key", "sk-ant-", "api03-" + Some(90, UrlSafe), "x-api-key {0} is invalid");
        Plain("Hugging Face token", "hf_", Some(34, Alphanumeric), "download with {0}");
        Plain("DigitalOcean token", "dop_v1_", Some(64, Hexadecimal), "doctl {0}");
        Plain("Shopify token", "shpat_", Some(32, Hexadecimal), "shop sync {0}");
        Plain("Grafana token", "glsa_", $"{Some(32, Alphanumeric)}_{Some(8, Hexadecimal)}", "grafana client {0}");
        Plain("Docker token", "dckr_pat_", Some(27, UrlSafe), "docker hub {0}");
        Plain("Telegram token", "", $"{Some(10, "123456789")}:AA{Some(33, UrlSafe)}", "bot {0} blocked");
        Plain("Vault token", "hvs.", Some(90, UrlSafe), "vault: {0} lacks permission");
        Plain("Terraform token", "", $"{Some(14, Alphanumeric)}.atlasv1.{Some(60, Alphanumeric)}", "workspace locked by {0}");
        var jwt = $"{Base64Url($"{{\"sub\":\"{Some(12, Alphanumeric)}\",\"iat\":17{Some(8, Digits)}}}")}.{Some(43, UrlSafe)}";
        Plain("JWT", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.", jwt, "jwt {0} expired");
        var cut = Base64Url($"{{\"sub\":\"{Some(20, Alphanumeric)}\"}}");
        Plain("JWT cut off", "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.", cut, "jwt {0}");
    }

    private void Keys()
    {
        foreach (var (kind, label) in new[] { ("RSA", "RSA PRIVATE KEY"), ("EC", "EC PRIVATE KEY"), ("OpenSSH", "OPENSSH PRIVATE KEY"), ("PKCS 8", "PRIVATE KEY"), ("encrypted", "ENCRYPTED PRIVATE KEY") })
        {
            var body = string.Join('\n', Enumerable.Range(0, 4).Select(_ => Some(64, Alphanumeric + "+/")));
            Add($"{kind} private key", body, $"-----BEGIN {label}-----\n{body}\n-----END {label}-----");
        }
        var lines = string.Join('\n', Enumerable.Range(0, 4).Select(_ => Some(64, Alphanumeric + "+/")));
        Add("private key in JSON", lines, $"{{\"type\":\"service_account\",\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n{lines.Replace("\n", "\\n", StringComparison.Ordinal)}\\n-----END PRIVATE KEY-----\\n\"}}");
        lines = string.Join('\n', Enumerable.Range(0, 4).Select(_ => Some(64, Alphanumeric + "+/")));
        Add("private key without its end", lines, $"loaded -----BEGIN RSA PRIVATE KEY-----\n{lines}");
        lines = Some(64, Alphanumeric + "+/");
        Add("private key without its begin", lines, $"{lines}\n-----END RSA PRIVATE KEY-----");
        lines = Some(120, Alphanumeric);
        Add("private key in base64", lines, $"LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ{lines}==");
        Plain("age key", "AGE-SECRET-KEY-1", Some(58, Upper + Digits), "sops: {0}");
        Plain("bcrypt hash", "", $"$2y$10${Some(53, Alphanumeric + "./")}", "admin:{0}");
        Plain("sha512crypt hash", "", $"$6${Some(8, Alphanumeric)}${Some(86, Alphanumeric + "./")}", "root:{0}:19000:0");
        Plain("argon2 hash", "$argon2id$v=19$m=65536,t=3,p=4$", $"{Some(22, Alphanumeric)}${Some(43, Alphanumeric)}", "stored {0}");
        Plain("htpasswd line", "", $"$apr1${Some(8, Alphanumeric)}${Some(22, Alphanumeric + "./")}", "ops:{0}");
    }

    private void Urls()
    {
        Plain("basic auth in a URL", "", Password(), "GET https://deploy:{0}@git.internal.example.com/shop.git 401");
        Plain("token as the user of a URL", "", Some(40, Hexadecimal), "fetch https://{0}@git.example.com/shop.git");
        Plain("PostgreSQL URI", "", Password(), "dial postgres://shop:{0}@db-0.db:5432/shop?sslmode=disable failed");
        Plain("PostgreSQL URI, slash inside", "", $"{Password()}/{Password()}", "dial postgresql://shop:{0}@db:5432/shop failed");
        Plain("MongoDB SRV URI", "", Password(), "mongodb+srv://app:{0}@cluster0.example.mongodb.net/?retryWrites=true");
        Plain("Redis URI, password only", "", Password(), "redis://:{0}@cache:6379/0 refused");
        Plain("AMQP URI", "", Password(), "amqps://svc:{0}@mq.example.com/orders closed");
        Plain("Go MySQL DSN", "", Password(), "open shop:{0}@tcp(mysql:3306)/shop?parseTime=true: bad connection");
        Plain("host and password without a scheme", "", Password(), "proxy=deploy:{0}@proxy.example.com:3128");
        Plain("Oracle JDBC", "", Password(), "jdbc:oracle:thin:shop/{0}@//ora:1521/XE");
        Plain("JDBC parameters", "", Password(), "jdbc:postgresql://db:5432/shop?user=shop&password={0}&ssl=true");
        Plain("escaped URL", "", Some(16, Alphanumeric), "redirect=https%3A%2F%2Fdeploy%3A{0}%40git.example.com%2Fx");
        Plain("token in a query", "", Some(24, UrlSafe), "GET /v1/orders?page=2&token={0}&size=10 200");
        Plain("access_token in a query", "", Some(30, UrlSafe), "GET /callback?access_token={0} 302");
        Plain("Azure SAS", "", Some(43, Alphanumeric) + "%3D", "PUT https://acct.blob.core.windows.net/c/b?sv=2022-11-02&se=2026-01-01&sr=b&sp=r&sig={0}");
        Plain("presigned S3 URL", "", Some(64, Hexadecimal), "GET https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=300&X-Amz-Signature={0}");
        Plain("Google API key by name", "", Some(32, Alphanumeric), "GET https://maps.example.com/geo?q=x&key={0}");
    }

    private void ConnectionStrings()
    {
        Plain("ADO.NET", "", Password(), "Server=tcp:sql,1433;Database=shop;User Id=shop;Password={0};Encrypt=True");
        Plain("ADO.NET, short name", "", Password(), "Host=db;Username=shop;Pwd={0};Port=5432");
        Plain("ADO.NET, quoted", "", $"{Password()};{Password()}", "Host=db;Password='{0}';Port=5432");
        Plain("libpq", "", Password(), "host=db user=shop password={0} dbname=shop");
        Plain("Azure storage", "", Some(86, Alphanumeric + "+/") + "==", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={0};EndpointSuffix=core.windows.net");
        Plain("Service Bus", "", Some(43, Alphanumeric + "+/") + "=", "Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={0}");
        Plain("Redis options", "", Password(), "cache:6380,password={0},ssl=True,abortConnect=False");
        Plain("Kafka JAAS", "", Password(), "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"shop\" password=\"{0}\";");
    }

    private void Headers()
    {
        Plain("bearer header", "", Some(40, UrlSafe), "Authorization: Bearer {0}");
        Plain("bearer alone", "", Some(40, Alphanumeric), "sent bearer {0} to upstream");
        Plain("basic header", "", Convert.ToBase64String(Encoding.UTF8.GetBytes($"svc:{Some(18, Alphanumeric)}")), "Authorization: Basic {0}");
        Plain("signed request", "", Some(64, Hexadecimal), "Authorization: AWS4-HMAC-SHA256 SignedHeaders=host;x-amz-date, Signature={0}");
        Plain("X-Api-Key", "", Some(32, Hexadecimal), "X-Api-Key: {0}");
        Plain("Set-Cookie", "", Some(32, Alphanumeric), "Set-Cookie: session={0}; Path=/; HttpOnly");
        Plain("Cookie, several", "", Some(32, Hexadecimal), "Cookie: theme=dark; sid={0}; lang=en");
        Plain("session id", "", Some(26, Upper + Digits), "JSESSIONID={0} not found");
        Plain("span attribute of a header", "", Some(40, UrlSafe), "'http.request.header.authorization': ['Bearer {0}']");
    }

    private string Some(int length, string alphabet)
    {
        var text = new string([.. Enumerable.Range(0, length).Select(_ => alphabet[_random.Next(alphabet.Length)])]);
        // As issued ones do: no run of one class by chance.
        return alphabet.Contains('a') && alphabet.Contains('A') && length >= 12 ? $"{text[..4]}q{text[5..7]}7K{text[9..]}" : text;
    }

    /// <summary>What a person or generator makes: letters, digits and signs that a URL and a query bear.</summary>
    private string Password() => $"{Some(5, Alphanumeric)}{Some(1, "!*.~_-")}{Some(8, Alphanumeric)}{Some(2, Digits)}";

    private static string Base64Url(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private void Plain(string kind, string prefix, string value, string around) => Add(kind, value, around.Replace("{0}", prefix + value, StringComparison.Ordinal));

    private void Add(string kind, string value, string text) => _secrets.Add(new(kind, value, text));
}
