using System.Text;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Tests.Storage.People;

/// <summary>Broken directories, each a small edit of a good one: what is replaced, by what, the line of the fault, and what of the message must be said.</summary>
internal static class MalformedDirectories
{
    public static readonly string AliceKey = Key("alice", 1);

    private static readonly string BobKey = Key("bob", 2);

    public static readonly string Good = $$"""
        directory: v1
        groups: [sre-oncall, sre-leads]
        people:
          alice: { name: Alice Archer, groups: [sre-oncall], identities: [os:alice, "slack:T1/U1"], keys: ["{{AliceKey}}"] }
          bob:
            name: Bob Brown
            groups:
            - sre-oncall
            - sre-leads
            identities:
            - os:bob
            keys:
            - {{BobKey}}
            disabled: true
        services:
          ci: { identities: [api:ci] }

        """;

    private static readonly (string Right, string Wrong, int Line, string Words)[] Edits =
    [
        // Keys that there are not, that are there twice, that are missing.
        ("groups: [sre-oncall, s", "colour: red\ngroups: [sre-oncall, s", 2, "colour is no key of the directory"),
        ("services:", "service:", 15, "Did you mean services?"),
        ("{ name: Alice", "{ nmae: x, name: Alice", 4, "nmae is no key of the person alice. Did you mean name?"),
        ("    name: Bob Brown", "    name: Bob Brown\n    roles: [sre-leads]", 7, "roles is no key of the person bob"),
        ("[api:ci]", "[api:ci], groups: [sre-leads]", 16, "the service ci, which is no person and holds no role"),
        ("[api:ci]", "[api:ci], keys: []", 16, "keys is no key of the service ci"),
        ("directory: v1", "directory: v1\ndirectory: v1", 2, "the key directory for the second time"),
        ("  bob:", "  alice: { name: Alice }\n  bob:", 5, "the key alice for the second time, first in line 4"),
        ("    name: Bob Brown", "    name: Bob Brown\n    name: Bob Green", 7, "the key name for the second time"),
        ("directory: v1\n", "", 1, "the directory has no directory"),
        ("groups: [sre-oncall, sre-leads]\n", "", 1, "the directory has no groups"),
        ("people:", "persons:", 1, "the directory has no people"),
        ("name: Alice Archer, ", "", 4, "the person alice has no name"),
        ("{ identities: [api:ci] }", "{}", 16, "has no identities"),
        ("directory: v1", "directory: v2", 1, "directory is v2"),

        // What of YAML reads differently elsewhere.
        ("[sre-oncall, sre-leads]", "&g [sre-oncall, sre-leads]", 2, "an anchor (&)"),
        ("groups: [sre-oncall],", "groups: *g,", 4, "an alias (*)"),
        ("name: Alice", "name: !!str Alice", 4, "a tag (!)"),
        ("    name: Bob", "    <<: { disabled: false }\n    name: Bob", 6, "a merge key (<<)"),
        ("services:", "---\nservices:", 15, "a second document"),
        ("    name: Bob", "\tname: Bob", 6, "a tab"),
        ("    name: Bob", "    no: x\n    name: Bob", 6, "the key no, which YAML may read as a boolean"),
        ("name: Bob Brown", "name: yes", 6, "name is yes, which YAML may read as a boolean"),
        ("disabled: true", "disabled: \"true\"", 14, "disabled is neither true nor false"),
        ("disabled: true", "disabled: yes", 14, "disabled is neither true nor false"),
        ("disabled: true", "disabled:", 14, "disabled is neither true nor false"),
        ("\"slack:T1/U1\"", "\"slack:T1/U1", 4, "Mend the YAML there"),

        // What looks like something else.
        ("  bob:", "  b\u043eb:", 5, "is no id of a person"),
        ("  bob:", "  Bob:", 5, "Bob is no id of a person. Use small letters"),
        ("  bob:", "  ../bob:", 5, "is no id of a person"),
        ("  bob:", "  nobody:", 5, "nobody is no id of a person, as it has a meaning"),
        ("  bob:", "  copilot:", 5, "copilot is no id of a person"),
        ("os:bob", "os:b\u043eb", 11, "is no identity"),
        ("Bob Brown", "B\u043eb Brown", 6, "mixes letters of several alphabets"),
        ("Bob Brown", "Bob\u200b Brown", 6, "a hidden or broken character (U+200B)"),
        ("Bob Brown", "\"Bob\\u202e Brown\"", 6, "a hidden or broken character (U+202E)"),
        ("Bob Brown", "\"Bob\\nBrown\"", 6, "the name is no line of text"),
        ("Bob Brown", "\"Bob \"", 6, "the name is no line of text"),
        ("Bob Brown", new string('b', 121), 6, "the name is no line of text"),
        ("Bob Brown", "alice archer", 6, "two people are called alice archer"),
        ("- sre-leads", "- sre-l\u0435ads", 9, "is no name"),

        // Groups.
        ("- sre-leads", "- sre-lead", 9, "bob is in the group sre-lead, which is not declared. Did you mean sre-leads?"),
        ("- sre-leads", "- group/sre-leads", 9, "is no name"),
        ("- sre-leads", "- sre-oncall", 9, "bob is in the group sre-oncall twice"),
        ("    - sre-leads\n", "", 2, "nobody is in the group sre-leads"),
        ("[sre-oncall, sre-leads]", "[sre-oncall, sre-leads, dba]", 2, "nobody is in the group dba"),
        ("[sre-oncall, sre-leads]", "[sre-oncall, sre-oncall, sre-leads]", 2, "the group sre-oncall is declared twice"),
        ("[sre-oncall, sre-leads]", "[sre-oncall, sre-leads, SRE-leads]", 2, "differ in nothing but upper and lower case"),
        ("[sre-oncall, sre-leads]", "[]", 4, "which is not declared. Write groups: [sre-oncall]"),
        ("[sre-oncall, sre-leads]", "sre-oncall", 2, "groups is no list"),
        ("groups: [sre-oncall],", "groups: sre-oncall,", 4, "groups of alice is no list"),

        // Identities: their form, and one on two.
        ("- os:bob", "- bob", 11, "bob is no identity. Write it like os:alice, slack:"),
        ("- os:bob", "- \"os:\"", 11, "os: is no identity"),
        ("- os:bob", "- slack:U023BECGF", 11, "slack:U023BECGF is no identity"),
        ("- os:bob", "- \"oidc:http://a.example#1\"", 11, "is no identity"),
        ("- os:bob", "- email:bob@example.com", 11, "email:bob@example.com is no identity"),
        ("- os:bob", "- token:bob", 11, "is no identity"),
        ("- os:bob", "- { os: bob }", 11, "an identity is no text"),
        ("- os:bob", "- os:alice", 11, "os:alice is an identity of alice already, in line 4"),
        ("- os:bob", "- os:Alice", 11, "os:Alice is an identity of alice already, as os:alice"),
        ("- os:bob", "- os:bob\n    - os:bob", 12, "os:bob is an identity of bob already"),
        ("[api:ci]", "[os:bob]", 16, "os:bob is an identity of bob already, in line 11"),
        ("  ci: {", "  bob: {", 16, "bob is a person as well"),

        // Keys: their form, and one on two.
        ("- " + BobKey, "- ssh-ed25519", 13, "is no key of a person (a key is written name+id+base64)"),
        ("- " + BobKey, "- " + BobKey[..^4], 13, "is no Ed25519 key in base64"),
        ("- " + BobKey, "- " + BobKey.Replace("bob+", "bob+0", StringComparison.Ordinal), 13, "the name or the key was altered"),
        ("- " + BobKey, "- " + Key("carol", 2), 13, "the key is of carol by its name and stands with bob"),
        ("- " + BobKey, "- " + AliceKey, 13, "the key is of alice by its name and stands with bob"),
        ("- " + BobKey, "- " + Key("bob", 1), 13, "the key is one of alice already, in line 4"),
        ("- " + BobKey, $"- {BobKey}\n    - {BobKey}", 14, "the key is one of bob already, in line 13"),
        ("- " + BobKey, "- " + new WitnessKey("bob", Enumerable.Repeat((byte)2, 32).ToArray()), 13, "a witness's"),

        // Parts that are something else.
        ("  ci: { identities: [api:ci] }", "- ci", 16, "services is no map"),
        ("{ identities: [api:ci] }", "[api:ci]", 16, "is no map"),
    ];

    public static IEnumerable<(string What, byte[] Bytes, int Line, string Words)> All =>
    [
        .. Edits.Select(e => ($"{e.Right} -> {e.Wrong}", Encoding.UTF8.GetBytes(Edited(e.Right, e.Wrong)), e.Line, e.Words)),
        ("empty", [], 1, "the file is empty"),
        ("comment alone", "# people\n"u8.ToArray(), 1, "the file is empty"),
        ("a list", "- alice\n"u8.ToArray(), 1, "the directory is no map"),
        ("nobody", "directory: v1\ngroups: []\npeople: {}\n"u8.ToArray(), 3, "people names nobody"),
        ("no UTF-8", [.. Encoding.UTF8.GetBytes(Good), 0xFF], 17, "no UTF-8"),
        ("huge", Encoding.UTF8.GetBytes(Good + new string('#', StrictYaml.MaxBytes)), 1, "longer than 1 MiB"),
        ("too many", Encoding.UTF8.GetBytes($"directory: v1\ngroups: [{string.Join(',', Enumerable.Range(0, StrictYaml.MaxNodes))}]\n"), 2, "more than 20000 values"),
        ("too deep", Encoding.UTF8.GetBytes($"directory: v1\ngroups: {new string('[', 40)}{new string(']', 40)}\n"), 2, "more than 32 levels"),
    ];

    public static string Key(string name, byte of) => new NoteKey(name, Enumerable.Repeat(of, NoteKey.PublicKeyBytes).ToArray()).ToString();

    private static string Edited(string right, string wrong) =>
        Good.Split(right).Length >= 2 ? Good[..Good.IndexOf(right, StringComparison.Ordinal)] + wrong + Good[(Good.IndexOf(right, StringComparison.Ordinal) + right.Length)..] : throw new InvalidOperationException($"{right} is not in the good directory");
}
