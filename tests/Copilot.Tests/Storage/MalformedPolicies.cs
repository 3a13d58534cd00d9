using System.Text;

namespace Copilot.Tests.Storage;

/// <summary>
/// Broken policies, each a small edit of a good one: what is replaced, by what, the line of the fault (0 for wherever the replaced text begins), and what of
/// the message must be said. Characters that would not show are written as escapes.
/// </summary>
internal static class MalformedPolicies
{
    public const string Good = """
        policy: v1
        name: good
        version: 3
        default: prohibit
        vocabulary:
          kinds:
            telemetry.read: { effect: read }
            k8s.scale: { effect: write, reversible: yes }
            k8s.delete: { effect: write, reversible: no }
          environments: [prod, dev]
          severities: [sev1, sev2]
          roles: { oncall: group/oncall, lead: group/leads }
          calendars:
            freeze: { tz: Europe/Berlin, closed: ["2026-11-27T00:00/2026-12-01T12:00"] }
          stated_by_model: [cluster]
        rules:
        - id: reads
          when: { kind: { effect: read } }
          then: allow
        - id: scale
          when:
            kind: k8s.scale
            environment: prod
            requester: { not: agent }
            target: { namespace: { glob: "shop-*" }, kind: Deployment, labels: { tier: { not: data } } }
            blast_radius: { services: { max: 1 }, replicas: { min: 1, max: 50 } }
            evidence: { confidence: { min: 0.8 }, independent_sources: { min: 2 }, freshest_s: { max: 300 } }
          then:
            require_approval:
              all: [ { role: oncall, count: 1 }, { role: lead, count: 1, unless: { severity: sev1 } } ]
              decide_within: 30m
              execute_within: 10m
        - id: freeze
          when: { environment: prod, calendar: { closed: freeze } }
          then: { also_require: { all: [ { role: lead, count: 2 } ], break_glass_only: true } }
        - id: irreversible
          when: { kind: { reversible: no } }
          then: { prohibit: { absolute: true, because: "by hand" } }
        - id: large-reads
          when: { read: { source: { not: logs }, tenant: eu, rows: { min: 1000 }, range_s: { min: 3600 }, mebibytes: { max: 10 } } }
          then: { also_require: { execute_within: 5m } }
        - id: loosening
          when: { kind: { effect: configure }, change: { loosens: yes } }
          then: prohibit

        """;

    private const string Rest = "|rest of the file|";

    private static readonly (string Right, string Wrong, int Line, string Words)[] Edits =
    [
        // Keys that there are not, at every level.
        ("name: good", "name: good\ncolour: red", 3, "colour is no key of a policy"),
        ("  kinds:", "  kind:", 6, "kind is no key of the vocabulary. Did you mean kinds?"),
        ("k8s.scale: { effect", "k8s.scale: { color: red, effect", 0, "color is no key of the kind k8s.scale"),
        ("{ tz: Europe", "{ zone: x, tz: Europe", 0, "zone is no key of the calendar freeze"),
        ("- id: reads", "- id: reads\n  prio: 1", 18, "prio is no key of a rule"),
        ("kind: k8s.scale\n", "kind: k8s.scale\n    colour: red\n", 23, "colour is no key of when"),
        ("{ not: agent }", "{ nor: agent }", 0, "nor is no key of requester. Did you mean not?"),
        ("namespace: { glob", "name_space: { glob", 0, "name_space is no key of target. Did you mean namespace?"),
        ("{ glob: \"shop-*\" }", "{ like: \"shop-*\" }", 0, "like is no key of target.namespace"),
        ("services: { max", "service: { max", 0, "service is no key of blast_radius. Did you mean services?"),
        ("{ max: 1 }", "{ maximum: 1 }", 0, "maximum is no key of blast_radius.services. Did you mean max?"),
        ("confidence: {", "confidense: {", 0, "confidense is no key of evidence. Did you mean confidence?"),
        ("{ closed: freeze }", "{ open: freeze }", 0, "open is no key of calendar"),
        ("decide_within: 30m", "decide_withing: 30m", 0, "decide_withing is no key of require_approval. Did you mean decide_within?"),
        ("{ role: oncall, count: 1 }", "{ role: oncall, count: 1, group: x }", 0, "group is no key of a requirement"),
        ("unless: { severity", "unless: { severty", 0, "severty is no key of unless. Did you mean severity?"),
        ("{ absolute: true,", "{ absolut: true,", 0, "absolut is no key of prohibit. Did you mean absolute?"),
        ("range_s: {", "range: {", 0, "range is no key of read. Did you mean range_s?"),
        ("{ loosens: yes }", "{ loosen: yes }", 0, "loosen is no key of change"),
        ("{ loosens: yes }", "{ loosens: true }", 0, "loosens is neither yes nor no"),
        ("{ loosens: yes }", "{}", 0, "change has no loosens"),
        ("{ not: logs }", "{ not: rumours }", 0, "read.source not is rumours"),
        ("{ min: 1000 }", "{ min: 1k }", 0, "read.rows min is no whole number"),
        ("tenant: eu,", "tenant: eu*,", 0, "a star has no meaning there"),
        ("break_glass_only: true", "break_glass: true", 0, "break_glass is no key of also_require. Did you mean break_glass_only?"),

        // The same key twice, at every level.
        ("name: good", "name: good\nname: good", 3, "the key name for the second time, first in line 2"),
        ("version: 3", "version: 3\n'version': 3", 4, "the key version for the second time"),
        ("    telemetry.read: { effect: read }", "    telemetry.read: { effect: read }\n    telemetry.read: { effect: read }", 8, "the key telemetry.read for the second time"),
        ("effect: read }\n    k8s", "effect: read, effect: read }\n    k8s", 7, "the key effect for the second time"),
        ("oncall: group/oncall,", "oncall: group/oncall, oncall: group/x,", 12, "the key oncall for the second time"),
        ("- id: reads", "- id: reads\n  id: other", 18, "the key id for the second time"),
        ("environment: prod\n", "environment: prod\n    environment: dev\n", 24, "the key environment for the second time"),
        ("{ min: 1, max: 50 }", "{ min: 1, min: 2, max: 50 }", 26, "the key min for the second time"),
        ("count: 2 }", "count: 2, count: 1 }", 35, "the key count for the second time"),
        ("{ absolute: true,", "{ absolute: true, absolute: false,", 38, "the key absolute for the second time"),
        ("- id: freeze", "- id: scale", 33, "a second rule scale, the first is in line 20"),
        ("[prod, dev]", "[prod, prod]", 0, "prod is declared twice"),
        ("[sev1, sev2]", "[sev1, sev1]", 0, "sev1 is declared twice"),

        // What of YAML reads differently elsewhere.
        ("name: good", "name: &n good", 0, "an anchor (&)"),
        ("[prod, dev]", "&e [prod, dev]", 0, "an anchor (&)"),
        ("name: good", "&k name: good", 0, "an anchor (&)"),
        ("then: allow", "then: *a", 0, "an alias (*)"),
        ("name: good", "name: !!str good", 0, "a tag (!)"),
        ("name: good", "name: !evil good", 0, "a tag (!)"),
        ("{ effect: read }\n    k8s", "!!map { effect: read }\n    k8s", 0, "a tag (!)"),
        ("- id: reads", "- <<: { id: reads }", 0, "a merge key (<<)"),
        ("policy: v1", "--- \npolicy: v1\n---\nx: 1", 3, "a second document"),
        ("policy: v1", "%YAML 1.1\n---\npolicy: v1", 1, "a directive (%)"),
        ("  environments", "\tenvironments", 0, "a tab"),
        ("then: allow", "then:\tallow", 0, "a tab"),
        ("by hand", "by\thand", 0, "a tab"),
        ("policy: v1", "- policy: v1", 2, "block"),
        ("policy: v1\n", "[ policy: v1 ]\n", 2, "expected"),
        ("then: allow", "? [then]\n  : allow", 0, "a key that is no text"),
        ("then: allow", "on: allow", 0, "the key on, which YAML may read as a boolean"),
        ("by hand\"", "by hand", 0, "Mend the YAML there"),
        ("{ effect: read }\n    k8s", "{ effect: read \n    k8s", 0, "no YAML from here on"),
        ("[prod, dev]", "[prod, dev", 0, "Mend the YAML there"),
        ("by hand", "by \\UFFFFFFFF hand", 0, "no YAML from here on"),

        // What is a boolean, a number or nothing to some.
        ("name: good", "name: yes", 0, "name is yes, which YAML may read as a boolean"),
        ("name: good", "name: ~", 0, "which YAML may read as a boolean or as nothing"),
        ("name: good", "name:", 0, "name is empty"),
        ("name: good", "name: \"\"", 0, "name is empty"),
        ("[prod, dev]", "[prod, NO]", 0, "environment is NO, which YAML may read as a boolean"),
        ("[prod, dev]", "[prod, off]", 0, "environment is off"),
        ("kind: Deployment", "kind: Null", 0, "target.kind is Null, which YAML may read"),
        ("{ not: data }", "{ not: true }", 0, "target.labels.tier not is true"),
        ("reversible: yes", "reversible: true", 0, "reversible is neither yes nor no"),
        ("reversible: no }\n  env", "reversible: \"no\" }\n  env", 0, "reversible is neither yes nor no"),
        ("absolute: true", "absolute: yes", 0, "absolute is neither true nor false"),
        ("absolute: true", "absolute: \"true\"", 0, "absolute is neither true nor false"),
        ("break_glass_only: true", "break_glass_only: True", 0, "break_glass_only is neither true nor false"),
        ("break_glass_only: true", "break_glass_only: 1", 0, "break_glass_only is neither true nor false"),

        // Numbers that are none, or too much.
        ("version: 3", "version: 0", 0, "version is no whole number"),
        ("version: 3", "version: -1", 0, "version is no whole number"),
        ("version: 3", "version: \"3\"", 0, "version is no whole number"),
        ("version: 3", "version: 0x10", 0, "version is no whole number"),
        ("version: 3", "version: 0o17", 0, "version is no whole number"),
        ("version: 3", "version: 017", 0, "version is no whole number"),
        ("version: 3", "version: 1e3", 0, "version is no whole number"),
        ("version: 3", "version: 3.0", 0, "version is no whole number"),
        ("version: 3", "version: 1_000", 0, "version is no whole number"),
        ("version: 3", "version: +3", 0, "version is no whole number"),
        ("version: 3", "version: 12:30", 0, "version is no whole number"),
        ("version: 3", "version: 99999999999", 0, "version is no whole number"),
        ("version: 3", "version: \u0663", 0, "version is no whole number"),
        ("{ min: 0.8 }", "{ min: .nan }", 0, "evidence.confidence min is no number from 0 to 1"),
        ("{ min: 0.8 }", "{ min: .inf }", 0, "evidence.confidence min is no number"),
        ("{ min: 0.8 }", "{ min: NaN }", 0, "evidence.confidence min is no number"),
        ("{ min: 0.8 }", "{ min: 8e-1 }", 0, "evidence.confidence min is no number"),
        ("{ min: 0.8 }", "{ min: .8 }", 0, "evidence.confidence min is no number"),
        ("{ min: 0.8 }", "{ min: 80 }", 0, "evidence.confidence min is no number"),
        ("{ min: 0.8 }", "{ min: -0.8 }", 0, "evidence.confidence min is no number"),
        ("{ min: 0.8 }", "{ min: 0.80000000001 }", 0, "evidence.confidence min is no number"),
        ("{ min: 0.8 }", "{ min: \"0.8\" }", 0, "evidence.confidence min is no number"),
        ("{ min: 0.8 }", "{ min: 80% }", 0, "evidence.confidence min is no number"),
        ("{ min: 0.8 }", "{ min: [0.8] }", 0, "evidence.confidence min is no number"),
        ("{ min: 2 }", "{ min: 2.5 }", 0, "evidence.independent_sources min is no whole number"),
        ("{ max: 300 }", "{ max: 5m }", 0, "evidence.freshest_s max is no whole number"),
        ("{ min: 1, max: 50 }", "{ min: 51, max: 50 }", 0, "a min above its max"),
        ("count: 2 }", "count: 0 }", 0, "count is no whole number"),
        ("count: 2 }", "count: 21 }", 0, "Write a number from 1 to 20"),
        ("count: 2 }", "count: 0x2 }", 0, "count is no whole number"),
        ("count: 2 }", "count: two }", 0, "count is no whole number"),
        ("30m", "0m", 0, "decide_within is no duration"),
        ("30m", "30", 0, "decide_within is no duration"),
        ("30m", "30min", 0, "decide_within is no duration"),
        ("30m", "0.5h", 0, "decide_within is no duration"),
        ("30m", "8785h", 0, "decide_within is no duration"),
        ("30m", "PT30M", 0, "decide_within is no duration"),
        ("30m", "-30m", 0, "decide_within is no duration"),
        ("30m", "\"30m\"", 0, "decide_within is no duration"),

        // Letters that hide or look like others.
        ("policy: v1", "policy: v1 # \uFEFF", 0, "U+FEFF"),
        ("by hand", "by\u0000hand", 0, "U+0000"),
        ("by hand", "by \u202Edna hand", 0, "U+202E"),
        ("by hand", "by \u2066hand", 0, "U+2066"),
        ("- id: reads", "- id: re\u200Bads", 0, "U+200B"),
        ("- id: reads", "- id: re\u00ADads", 0, "U+00AD"),
        ("- id: reads", "- id: \"re\\u200Bads\"", 0, "U+200B"),
        ("by hand", "by \\u202Edna hand", 0, "U+202E"),
        ("by hand", "by \\0 hand", 0, "U+0000"),
        ("by hand", "by \\e[2J hand", 0, "U+001B"),
        ("by hand", "by \\ud800 hand", 0, ""),
        ("by hand", "by \u3164 hand", 0, "U+3164"),
        ("by hand", "by \uE000 hand", 0, "U+E000"),
        ("by hand", "by \uFFFF hand", 0, "U+FFFF"),
        ("then: allow", "then: allow # \rthen: prohibit", 0, "a return without a new line"),
        ("then: allow", "then: allow\u2028", 0, "U+2028"),
        ("- id: reads", "- id: re\u0430ds", 0, "is no name"),
        ("- id: reads", "- id: \uFF52eads", 0, "is no name"),
        ("- id: reads", "- id: r\u00E9ads", 0, "is no name"),
        ("- id: reads", "- id: re\u0301ads", 0, "is no name"),
        ("name: good", "name: g\u043E\u043Ed", 0, "is no name"),
        ("name: good", "name: go od", 0, "is no name"),
        ("name: good", "name: -good", 0, "is no name"),
        ("name: good", "name: |\n  good", 0, "is no name"),
        ("name: good", "name: \"good\\n\"", 0, "is no name"),
        ("- id: reads", "- id: a234567890123456789012345678901234567890123456789012345678901234", 0, "is no name"),
        ("    k8s.scale: {", "    k8s.sc\u0430le: {", 0, "Did you mean k8s.scale?"),
        ("kind: k8s.scale\n", "kind: k8s.sc\u0430le\n", 0, "Did you mean k8s.scale?"),
        ("kind: k8s.scale\n", "k\u0456nd: k8s.scale\n", 0, "Did you mean kind?"),
        ("environment: prod\n", "environment: pr\u043Ed\n", 0, "Did you mean prod?"),
        ("kind: Deployment", "kind: Depl\u043Eyment", 0, "the letter U+043E"),
        ("{ not: data }", "{ not: d\u0430ta }", 0, "the letter U+0430"),
        ("\"shop-*\"", "\"sh\u043Ep-*\"", 0, "the letter U+043E"),
        ("kind: Deployment", "kind: \"Deployment\\n\"", 0, "the letter U+000A"),
        ("{ tier: {", "{ ti\u0435r: {", 0, "is no key of a label"),
        ("{ tier: {", "{ cafe\u0301: {", 0, "is no key of a label"),
        ("{ tier: {", "{ \"tier*\": {", 0, "is no key of a label"),
        ("{ tier: {", "{ \"\": {", 0, "is no key of a label"),
        ("{ oncall: group/oncall,", "{ onc\u0430ll: group/oncall,", 0, "is no name"),
        ("group/oncall", "group/onc\u0430ll", 0, "is no group"),
        ("group/oncall", "\"group/oncall\\n\"", 0, "is no group"),
        ("group/oncall", "user/anna", 0, "is no group"),

        // Times that no clock shows, and zones that nobody lives in.
        ("2026-11-27T00:00", "2026-03-29T02:00", 0, "no clock in Europe/Berlin shows 2026-03-29T02:00"),
        ("2026-11-27T00:00", "2026-03-29T02:59", 0, "no clock in Europe/Berlin shows 2026-03-29T02:59"),
        ("2026-12-01T12:00", "2027-03-28T02:30", 0, "no clock in Europe/Berlin shows 2027-03-28T02:30"),
        ("Europe/Berlin, closed: [\"2026-11-27T00:00/", "America/New_York, closed: [\"2026-03-08T02:30/", 0, "no clock in America/New_York shows 2026-03-08T02:30"),
        ("2026-12-01T12:00", "2026-11-27T00:00", 0, "ends before it begins"),
        ("2026-12-01T12:00", "2025-12-01T12:00", 0, "ends before it begins"),
        ("2026-12-01T12:00", "2026-12-01T12:00:00", 0, "is no interval"),
        ("2026-12-01T12:00", "2026-12-01T12:00Z", 0, "is no interval"),
        ("2026-12-01T12:00", "2026-02-30T12:00", 0, "is no interval"),
        ("2026-12-01T12:00", "2026-12-01T24:00", 0, "is no interval"),
        ("2026-12-01T12:00", "2026-12-01 12:00", 0, "is no interval"),
        ("2026-12-01T12:00", "9999-12-01T12:00", 0, "is no interval"),
        ("/2026-12-01T12:00", "", 0, "is no interval"),
        ("/2026-12-01T12:00", "/2026-12-01T12:00/2026-12-02T12:00", 0, "is no interval"),
        ("Europe/Berlin", "Europe/Berln", 0, "the time zone Europe/Berln is not known here"),
        ("Europe/Berlin", "CET", 0, "the time zone CET is not known here"),
        ("Europe/Berlin", "../Berlin", 0, "is not known here"),
        ("Europe/Berlin", "\"Europe/Berlin\\n\"", 0, "is not known here"),
        ("Europe/Berlin", "W. Europe Standard Time", 0, "is not known here"),
        ("Europe/Berlin", "Mars/Olympus_Mons", 0, "is not known here"),
        ("tz: Europe/Berlin, ", "", 0, "the calendar freeze has no tz"),

        // Verbs.
        ("then: allow", "then: permit", 0, "then is permit"),
        ("then: allow", "then: Allow", 0, "Did you mean allow?"),
        ("then: allow", "then: require_approval", 0, "then is require_approval"),
        ("then: allow", "then: [allow]", 0, "then is no map"),
        ("then: allow", "then: {}", 0, "then has 0 verbs"),
        ("then: allow", "then: { allow: {} }", 0, "allow is no key of then"),
        ("then: allow", "then: { prohibit: {}, also_require: { break_glass_only: true } }", 0, "then has 2 verbs"),
        ("  then: allow\n", "", 17, "a rule has no then"),
        ("- id: reads\n  when", "- when", 17, "a rule has no id"),
        ("  when: { kind: { effect: read } }\n", "", 17, "a rule has no when"),
        ("when: { kind: { effect: read } }", "when:", 0, "when is no map"),
        ("when: { kind: { effect: read } }", "when: {}", 17, "reads opens everything"),
        ("when: { kind: { effect: read } }", "when: [ kind ]", 0, "when is no map"),
        ("{ effect: read } }\n  then", "{ effect: write, effects: read } }\n  then", 0, "effects is no key of kind"),
        ("      decide_within: 30m\n", "", 30, "require_approval has no decide_within"),
        ("{ role: lead, count: 2 }", "{ role: lead }", 0, "a requirement has no count"),
        ("{ role: lead, count: 2 }", "lead", 0, "a requirement is no map"),
        ("[ { role: lead, count: 2 } ], break_glass_only: true", "", 0, ""),
        ("prohibit: { absolute: true, because: \"by hand\" }", "prohibit: absolute", 0, "prohibit is no map"),
        ("because: \"by hand\"", "because: [by, hand]", 0, "because is no text"),
        ("unless: { severity: sev1 }", "unless: {}", 0, "unless says nothing"),

        // What asks for nothing, or for what is not declared.
        ("kind: Deployment", "kind: Deploy*", 0, "a star has no meaning there"),
        ("{ not: data }", "{ in: [\"d*\"] }", 0, "a star has no meaning there"),
        ("{ not: data }", "{ in: [] }", 0, "is an empty list"),
        ("{ not: data }", "{}", 0, "asks for nothing"),
        ("{ tier: { not: data } }", "{}", 0, "labels asks for nothing"),
        ("{ max: 1 }", "{}", 0, "blast_radius.services asks for nothing"),
        ("{ max: 1 }", "1", 0, "blast_radius.services is no map"),
        ("kind: k8s.scale\n", "kind: k8s.rollout.undo\n", 0, "kind is k8s.rollout.undo"),
        ("environment: prod\n", "environment: staging\n", 0, "environment is staging"),
        ("environment: prod\n", "environment: { in: [prod, staging] }\n", 0, "environment in is staging"),
        ("environment: prod\n", "environment: Prod\n", 0, "Did you mean prod?"),
        ("severity: sev1 }", "severity: sev3 }", 0, "severity is sev3"),
        ("{ role: lead, count: 2 }", "{ role: boss, count: 2 }", 0, "the role is boss"),
        ("{ closed: freeze }", "{ closed: holidays }", 0, "the calendar is holidays"),
        ("{ not: agent }", "{ not: robot }", 0, "requester not is robot"),
        ("    environment: prod\n", "    environment: prod\n    cluster: eu-1\n", 24, "scale opens on cluster, which is stated by a model alone"),
        ("unless: { severity: sev1 }", "unless: { cluster: eu }", 0, "a requirement falls away on cluster"),
        ("[cluster]", "[mood]", 0, "fact is mood"),
        ("    k8s.scale: {", "    k8s.explode: {", 0, "an action kind is k8s.explode"),
        ("{ effect: write, reversible: no }", "{ effect: read, reversible: no }", 0, "k8s.delete does not read"),
        ("{ effect: write, reversible: no }", "{ effect: write, reversible: yes }", 0, "k8s.delete is irreversible"),
        ("{ effect: write, reversible: no }", "{ effect: write }", 0, "the kind k8s.delete has no reversible"),
        ("{ effect: read }\n    k8s", "read\n    k8s", 0, "the kind telemetry.read is no map"),
        ("[prod, dev]", "prod", 0, "the list of environment names is no list"),
        ("{ oncall: group/oncall, lead: group/leads }", "[oncall, lead]", 0, "roles is no map"),
        ("policy: v1", "policy: v2", 0, "policy is v2"),
        ("policy: v1", "policy: 1", 0, "policy is 1"),
        ("default: prohibit", "default: allow", 0, "default is allow"),
        ("default: prohibit\n", "", 1, "a policy has no default"),
        ("  environments: [prod, dev]\n", "", 6, "the vocabulary has no environments"),
        (Rest, "policy: v1\n", 1, "a policy has no name"),
        (Rest, "rules\n", 1, "a policy is no map"),
        (Rest, "- 1\n", 1, "a policy is no map"),
        (Rest, "", 1, "the file is empty"),
        (Rest, "\n\n# nothing\n", 1, "the file is empty"),
    ];

    public static IEnumerable<(string What, byte[] Bytes, int Line, string Words)> All => Edits.Select(e => Edited(e.Right, e.Wrong, e.Line, e.Words)).Concat(Made());

    private static (string, byte[], int, string) Edited(string right, string wrong, int line, string words)
    {
        if (right == Rest) return ($"only {wrong}", Encoding.UTF8.GetBytes(wrong), line, words);
        var at = Good.IndexOf(right, StringComparison.Ordinal);
        if (at < 0) throw new ArgumentException($"{right} is not in the good policy", nameof(right));
        return ($"{right} -> {wrong}", Encoding.UTF8.GetBytes(Good[..at] + wrong + Good[(at + right.Length)..]), line > 0 ? line : 1 + Good.AsSpan(0, at).Count('\n'), words);
    }

    /// <summary>Too much of something, and bytes that are no text.</summary>
    private static IEnumerable<(string, byte[], int, string)> Made()
    {
        var good = Encoding.UTF8.GetBytes(Good);
        var last = 1 + Good.Count(c => c == '\n');
        yield return ("no UTF-8", [.. good, (byte)'#', 0xC3, 0x28, (byte)'\n'], last, "the bytes are no UTF-8");
        yield return ("a NUL byte at the end", [.. good, 0], last, "U+0000");
        yield return ("UTF-16", Encoding.Unicode.GetBytes(Good), 1, "U+0000");
        yield return ("UTF-16 with its mark", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Good)], 1, "the bytes are no UTF-8");
        yield return ("a second mark of the byte order", [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, .. good], 1, "U+FEFF");
        yield return ("two MiB", Encoding.UTF8.GetBytes(Good + "#" + new string('x', 2 << 20)), 1, "longer than 1 MiB");
        yield return ("20,000 rules", Encoding.UTF8.GetBytes(Good + string.Concat(Enumerable.Repeat("- {}\n", 20_000))), 0, "more than 20000 values");
        yield return ("a list of lists of lists", Encoding.UTF8.GetBytes($"{Good}- {new string('[', 40)}{new string(']', 40)}\n"), last, "more than 32 levels");
        yield return ("a map of maps of maps", Encoding.UTF8.GetBytes($"{Good}- {string.Concat(Enumerable.Repeat("{ a: ", 40))}1{new string('}', 40)}\n"), last, "more than 32 levels");
        yield return ("half a MiB of open brackets", Encoding.UTF8.GetBytes($"{Good}- {new string('[', 1 << 19)}\n"), last, "more than 32 levels");
        yield return ("deep by indentation", Encoding.UTF8.GetBytes(Good + string.Concat(Enumerable.Range(0, 40).Select(i => $"{new string(' ', i)}- \n"))), 0, "");
        yield return ("aliases that multiply", Encoding.UTF8.GetBytes("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"), 1, "an anchor (&)");
        yield return ("a key of half a MiB", Encoding.UTF8.GetBytes($"{Good}? {new string('k', 1 << 19)}\n: 1\n"), 0, "");
    }
}
