using System.Text.RegularExpressions;

namespace Copilot.Core.Evidence;

/// <summary>
/// Where secrets stand in text. Group 1 is what stays in front of the mask, group 2 the secret where it is judged. All are without backtracking, and none has to
/// look further than its match ends, so that many matches are still one pass. Quotes may be escaped or doubled, as JSON in JSON or in TSV has them.
/// </summary>
internal static partial class RedactionPatterns
{
    private const RegexOptions Linear = RegexOptions.NonBacktracking;
    private const RegexOptions AnyCase = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase;

    private const string Name = @"(?:pass(?:word|wd|phrase|code)|pwd|secret|token|credential|(?:api|access|account|private|secret|signing|encryption|master|auth|shared[._-]?access)[._-]?(?:key|signature)|(?:^|[^a-z])(?:pass|pw)|accountkey|x-(?:amz|goog)-(?:signature|credential))s?";
    private const string Suffix = @"(?:[._-]?(?:[0-9]{1,3}|prod(?:uction)?|staging|dev|test|primary|secondary|old|new|current|previous|next|backup|base64|b64|hash|id))?";
    private const string Key = Name + Suffix;
    private const string Quote = @"(?:\\*[""']){1,4}";
    private const string Sign = @"(?:\\*[""']){0,4}[\])]?(?:[ \t]*(?:=>|:=|[=:>])[ \t]*|%3D|\\u003d)";

    // A quoted value goes on to its quote, over whatever stands in it; one without quotes ends where a list, a query or a line goes on.
    private const string InDouble = @"(?:[^""\\«\r\n]|\\{1,2}[^\r\n])+";
    private const string InSingle = @"(?:[^'\\«\r\n]|\\[^\r\n])+";
    private const string InEscaped = @"(?:[^""'\\«\r\n]|\\\\(?:\\.|[^\\""'\r\n])|\\[^""'\\\r\n])+";
    private const string Named = @"(?:name|key)" + Sign + @"(?:" + Quote + @")?[A-Za-z0-9_./-]*" + Key + @"(?:" + Quote + @")?(?:[ \t\r\n,]|\\+n)*(?:" + Quote + @")?value" + Sign;
    private const string Bare = @"[^\s""',;}&<>\\«=:][^\s""',;}&<\\«]{3,}";

    [GeneratedRegex(@"((password|passwd|passphrase|passcode|pwd|(^|[^a-z])(pass|pw)|secret|token|(api|private|access|account|secret|signing|encryption|master|auth|shared[._-]?access)[._-]?key|(?-i:_KEY)|credential)s?([._-]?([0-9]{1,3}|prod(uction)?|staging|dev|test|primary|secondary|old|new|current|previous|next|backup|base64|b64|hash))?|(^|[^a-z])(cookie|auth|authorization|session([._-]?(id|key))?)|(tls|server|client|ca)\.key|id_(rsa|dsa|ecdsa|ed25519)|docker(config(json)?|cfg)|htpasswd|kubeconfig|pgpass)\]*(\.value)?$", AnyCase)]
    public static partial Regex SecretName();

    // JSON writers that take care of HTML spell quotes, ampersands, plus and angle signs so.
    [GeneratedRegex(@"\\u00(?:22|26|27|2[Bb]|3[CcDdEe])", Linear)]
    public static partial Regex SpeltSign();

    [GeneratedRegex(@"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|\z)", Linear)]
    public static partial Regex PrivateKey();

    [GeneratedRegex(@"[A-Za-z0-9+/=\r\n\\]{16,}-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----", Linear)]
    public static partial Regex PrivateKeyTail();

    // "-----BEGIN RSA", " EC", " OPENSSH", " PRIVATE", " ENCRYPTED", " DSA", " PGP" in base64, as a Secret's data has them.
    [GeneratedRegex(@"LS0tLS1CRUdJTi(?:BSU0Eg|BFQyBQ|BPUEVO|BQUklW|BFTkNS|BEU0Eg|BQR1Ag)[A-Za-z0-9+/=]+", Linear)]
    public static partial Regex PackedPrivateKey();

    [GeneratedRegex(@"kind" + Sign + @"(?:" + Quote + @")?Secret\b", Linear)]
    public static partial Regex SecretKind();

    [GeneratedRegex(@"((?:data|stringData)" + Quote + @"\s*:\s*\{)[^{}«]+", Linear)]
    public static partial Regex SecretData();

    // What begins as names of objects may go on (task-admin-7d9f8c6b5d, maxapp-0) stands for itself only.
    // AWS; GitHub; GitLab; Slack; Google; Stripe; npm; PyPI; SendGrid; Vault; Anthropic, OpenAI; Hugging Face; DigitalOcean; Shopify; Sentry; Linear; Grafana; New Relic; Doppler; Postman; Docker; Atlassian; Square; age; JSON in base64 such as a JWT; web hooks; Telegram; Azure AD; Terraform.
    [GeneratedRegex(@"(?<keep>(?:https?://)?(?:hooks\.slack\.com/(?:services|workflows)/|(?:discord(?:app)?\.com/api|[a-z0-9.-]*webhook\.office\.com)/webhook(?:s|b2)/))[A-Za-z0-9/_@-]+|(?<keep>^|[^A-Za-z0-9-]|\\[nrt]|%[0-9A-Fa-f]{2})(?:gl(?:pat|dt|rt|ft|cbt|ptt|oas|soat|imt|agent)-[A-Za-z0-9_-]{10,}|xapp-[A-Za-z0-9-]{8,}|SG\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+)?|sk-(?:ant|proj|svcacct|admin|or)-[A-Za-z0-9_-]{8,})|(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{10,}|github_pat_[A-Za-z0-9_]{10,}|xox[abceprs](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}|AIza[0-9A-Za-z_-]{16,}|ya29\.[0-9A-Za-z_-]{10,}|GOCSPX-[A-Za-z0-9_-]{10,}|[rsp]k_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{8,}|npm_[A-Za-z0-9]{16,}|pypi-[A-Za-z0-9_-]{16,}|hv[sbr]\.[A-Za-z0-9_-]{10,}|hf_[A-Za-z0-9]{20,}|do[opr]_v1_[a-f0-9]{16,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{16,}|sntry[su]_[A-Za-z0-9+/=_-]{16,}|lin_api_[A-Za-z0-9]{16,}|gl(?:sa|c)_[A-Za-z0-9_+/=]{16,}|NRAK-[A-Z0-9]{16,}|dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9._-]{16,}|PMAK-[A-Za-z0-9-]{16,}|dckr_[po]at_[A-Za-z0-9_-]{16,}|ATATT3[A-Za-z0-9_=-]{16,}|sq0[a-z]{3}-[A-Za-z0-9_-]{16,}|AGE-SECRET-KEY-1[A-Z0-9]{16,}|eyJ[A-Za-z0-9_+/-]{14,}={0,2}(?:\.[A-Za-z0-9_-]*){0,4}|[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}|[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{16,}", Linear)]
    public static partial Regex Token();

    // Prefixes that words end in as well: what follows has to be no word.
    [GeneratedRegex(@"((?:^|[^A-Za-z0-9-]|\\n))((?:sk-|key-|SK|dapi|AKC|hapi-|s\.)[A-Za-z0-9]{20,})", Linear)]
    public static partial Regex PlainToken();

    // bcrypt, md5crypt, apr1, sha512crypt, argon2, PBKDF2, SCRAM of PostgreSQL, LDAP.
    [GeneratedRegex(@"\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{20,}|\$(?:apr1|1|5|6|y)\$[^\s$:""']+\$[./A-Za-z0-9]{16,}|\$(?:argon2[a-z]*|pbkdf2[a-z0-9-]*)\$[A-Za-z0-9$=,+/.-]{16,}|SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=$:]{16,}|\{S?SHA(?:256|512)?\}[A-Za-z0-9+/=]{16,}", Linear)]
    public static partial Regex Hash();

    [GeneratedRegex(@"((?:postgres(?:ql)?(?:\+[a-z0-9]+)?|mysql(?:\+[a-z0-9]+)?|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|clickhouse|nats)://[^\s:/@""']*:)[^\s@""'«]+(@)", AnyCase)]
    public static partial Regex DatabaseUrl();

    [GeneratedRegex(@"([a-z][a-z0-9+.-]*://[^\s:/@""'<]*:)[^\s/@""'«]+(@)", AnyCase)]
    public static partial Regex UrlPassword();

    // A token in the place of the user: https://TOKEN@host.
    [GeneratedRegex(@"(://)[A-Za-z0-9_.~%-]{20,}(@)", Linear)]
    public static partial Regex UrlUser();

    // Cut off before the host: a port has digits only.
    [GeneratedRegex(@"([a-z][a-z0-9+.-]*://[^\s:/@""']*:)[^\s/@""'«]*[^\s/@""'«0-9…][^\s/@""'«]*(…)\z", AnyCase)]
    public static partial Regex CutUrl();

    // user:password@tcp(host) of Go's MySQL driver, user:password@host:port without a scheme, user/password@//host of Oracle's.
    [GeneratedRegex(@"((?:^|[\s""'=(])[A-Za-z0-9_.-]+:|jdbc:oracle:[a-z0-9]+:[^\s/@]+/)[^\s@/""'«]+(@(?:(?:tcp|unix)\(|//|[A-Za-z0-9_.-]+:[0-9]))", Linear)]
    public static partial Regex DriverUrl();

    [GeneratedRegex(@"(%3A%2F%2F[A-Za-z0-9_.~-]*(?:%3A|:))[A-Za-z0-9_.~%!*()+-]+?(%40|@)", AnyCase)]
    public static partial Regex EscapedUrl();

    [GeneratedRegex(@"(cookies?(?:\\*[""']){0,2}\]?[ \t]*[:=][ \t]*\[?[ \t]*(?:\\*[""']){0,2})[A-Za-z0-9_.%-]+=[^\r\n""'\]}\\«]{4,}", AnyCase)]
    public static partial Regex Cookie();

    [GeneratedRegex(@"((?:proxy-)?authorization(?:\\*[""']){0,2}\]?[ \t]*(?:=>|[=:])[ \t]*\[?(?:\\*[""']){0,2}(?:(?:bearer|basic|token|digest|negotiate|apikey|splunk|key)[ \t]+)?)([^\s""',;}«\]\\][^\s""'}«\\]{3,})", AnyCase)]
    public static partial Regex Authorization();

    [GeneratedRegex(@"(AWS4-HMAC-SHA256[ \t]+)[^\r\n""'«]+", Linear)]
    public static partial Regex SignedRequest();

    [GeneratedRegex(@"((?:^|[^a-z])(?:bearer|basic|apikey|x-api-key)[ \t]+(?:\\*[""'])?)([A-Za-z0-9._~+/=-]{10,})", AnyCase)]
    public static partial Regex Scheme();

    // {"name":"DB_PASSWORD","value":"x"}, <add key="Password" value="x"/>
    [GeneratedRegex(@"(" + Named + @"""{1,2})([^\s""\\«]" + InDouble + @")", AnyCase)]
    public static partial Regex NamedQuoted();

    // The same escaped; {Name:DB_PASSWORD Value:x}; - name: DB_PASSWORD / value: x
    [GeneratedRegex(@"(" + Named + @"(?:\\+[""'](?:\\*[""'])*|')?)([^\s""',}\\«][^""'}\\«\r\n]*)", AnyCase)]
    public static partial Regex NamedValue();

    [GeneratedRegex(@"(value" + Quote + @"[ \t]*:[ \t]*" + Quote + @")([^""'\\«]+)(" + Quote + @"[ \t]*,[ \t]*" + Quote + @"(?:name|key)" + Quote + @"[ \t]*:[ \t]*" + Quote + @"[A-Za-z0-9_./-]*" + Key + Quote + @")", AnyCase)]
    public static partial Regex ValueNamed();

    // --password x, and the same in a list of arguments: "--password", "x"
    [GeneratedRegex(@"((?:^|[\s""'=(\[])--?[a-z0-9-]*(?:password|passwd|pass|passphrase|secret|token|api-?key|secret-key|access-key|private-key|auth)(?:\\*[""']){0,2}(?:[ \t,]+|\\+n)(?:- )?(?:\\*[""']){0,2})([^\s""',;}\\«-][^\s""',;}\\«]*)", AnyCase)]
    public static partial Regex Option();

    // mysql -pX, redis-cli -a X, sshpass -p X, docker login -p X, ldapsearch -w X, htpasswd -b FILE USER X
    [GeneratedRegex(@"((?:(?:mysql[a-z]*|mariadb[a-z-]*|mongo[a-z]*|sshpass|docker[ \t""',]+login)[^\r\n|«]*?[\s""']-p|redis-cli[^\r\n|«]*?[\s""']-a|(?:ldap[a-z]+|bcp)[^\r\n|«]*?[\s""']-w|sqlcmd[^\r\n|«]*?[\s""']-P|htpasswd[ \t]+-[a-zA-Z]*b[a-zA-Z]*[ \t]+[^\s]+[ \t]+[^\s]+)[\s""',\\]*)[^\s""',\\«-][^\s""',\\«]{3,}", Linear)]
    public static partial Regex ClientOption();

    // curl -u user:password
    [GeneratedRegex(@"([\s""'](?:-u|--user|--proxy-user)[\s""',=\\]+[A-Za-z0-9_.@-]+:)[^\s""',\\«]{3,}", Linear)]
    public static partial Regex UserOption();

    [GeneratedRegex(@"((?:[?&]|\\u0026|%26|%3F)(?:[a-z_.-]*(?:token|signature|secret|password|passwd|credential|api[_-]?key)|sig|pwd|pass)(?:=|%3D))([^\s""'&<>\\«#,;)]{4,})", AnyCase)]
    public static partial Regex Query();

    // Behind a name and a sign: first in quotes of some depth, then without.
    [GeneratedRegex(@"(" + Key + Sign + @"(?:\\{2,}[""'](?:\\*[""'])*|\\[""'](?:\\*[""'])+))([^\s""'\\«,;:}](?:[^""'\\«\r\n]|\\{4,}[^\\\r\n]|\\{3}""""){2,})", AnyCase)]
    public static partial Regex AssignedDeep();

    [GeneratedRegex(@"(" + Key + Sign + @"\\[""'])([^\s""'\\«,;:}]" + InEscaped + @")", AnyCase)]
    public static partial Regex AssignedEscaped();

    [GeneratedRegex(@"(" + Key + Sign + @"""{1,2})([^\s""\\«,;:}]" + InDouble + @")", AnyCase)]
    public static partial Regex AssignedDouble();

    [GeneratedRegex(@"(" + Key + Sign + @"'{1,2})([^\s'\\«,;:}]" + InSingle + @")", AnyCase)]
    public static partial Regex AssignedSingle();

    [GeneratedRegex(@"(" + Key + Sign + @")(" + Bare + @")", AnyCase)]
    public static partial Regex Assigned();

    [GeneratedRegex(@"((?:[?&]|\\u0026|^|[^a-z])(?:auth|jsessionid|phpsessid|connect\.sid|sid|session(?:[._-]?(?:id|key))?|sig|bearer|nonce|dsn|key|code)" + Sign + @"(?:\\*[""']){0,2})([^\s""',;}&<>\\«]{12,})", AnyCase)]
    public static partial Regex WeaklyNamed();

    // Without a sign only what has a digit in it is taken for a password: words stay, such as "password authentication failed".
    [GeneratedRegex(@"((?:pass(?:word|wd|phrase|code)|pwd|(?:api|access|secret)[ _-]key)s?[ \t]+(?:is[ \t]+|was[ \t]+|of[ \t]+)?(?:\\*[""'`(])*)([^\s""'`,;}«\\]{4,})", AnyCase)]
    public static partial Regex Spoken();

    [GeneratedRegex(@"((?:token|secret|credentials?)[ \t]+(?:is[ \t]+|was[ \t]+)?(?:\\*[""'`(])*)([A-Za-z0-9+/_=.~-]{12,})", AnyCase)]
    public static partial Regex SpokenToken();

    [GeneratedRegex(@"[A-Za-z0-9+/_=-]{32,}", Linear)]
    public static partial Regex Opaque();
}
