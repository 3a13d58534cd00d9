using System.Text;
using Copilot.Core.Receipts;
using Copilot.Storage.People;
using Xunit;

namespace Copilot.Tests.Storage.People;

public sealed class DirectoryEditTests
{
    private const string Head = "# who may say yes\ndirectory: v1\ngroups: [sre]\npeople:\n";
    private const string Rest = "\nservices: { ci: { identities: [api:ci] } }\n";

    private static readonly NoteKey New = Key(9);
    private static readonly string Old = Key(1).ToString();

    private static NoteKey Key(byte of) => new("al", Enumerable.Repeat(of, NoteKey.PublicKeyBytes).ToArray());

    /// <summary>OLD stands for a key that is there, NEW for the one that is added; what is between two ‹› is what must be inserted.</summary>
    public static TheoryData<string> Keys =>
    [
        // In brackets.
        "  al: { name: Al, groups: [sre]‹, keys: [\"NEW\"]› } # in Berlin",
        "  al: {name: Al, groups: [sre]‹, keys: [\"NEW\"]›}",
        "  al: { name: Al, groups: [sre],‹ keys: [\"NEW\"]› }",
        "  al: { name: Al, groups: [sre], keys: [\"OLD\"‹, \"NEW\"›] }",
        "  al: { name: Al, groups: [sre], keys: [ OLD‹, \"NEW\"› ] }",
        "  al: { name: Al, keys: [‹\"NEW\"›], groups: [sre] }",
        "  al: { name: Al, keys: [ \"OLD\",‹ \"NEW\"› ], groups: [sre] }",
        "  al: { groups: [sre], name: \"Al ] } \\\" #\"‹, keys: [\"NEW\"]› }",
        "  al: { groups: [sre], name: 'Al ] '' } #'‹, keys: [\"NEW\"]› }",
        "  al: { groups: [sre], name: Brian O'Neil the \"First\"‹, keys: [\"NEW\"]› }",
        "  al: { groups: [sre], identities: [os:al, \"slack:T1/U1\", 'oidc:https://a.example#1'], name: \ud83d\ude00 Al‹, keys: [\"NEW\"]› }",
        "  al: {\n    name: Al, # ] } not here\n    groups: [sre]‹, keys: [\"NEW\"]› # nor ] here\n  }",
        "  al: { name: Al, groups: [sre],\n    keys: [ # laptop ]\n      \"OLD\"‹, \"NEW\"› # this one\n    ] }",
        "  \"al\": { \"name\":\"Al\", \"groups\":[\"sre\"]‹, keys: [\"NEW\"]›}",

        // A line for each.
        "  al:\n    name: Al\n    groups: [sre]‹\n    keys: [\"NEW\"]›",
        "  al:\n    # the name\n    name: Al # so\n    groups:\n      - sre # the only one‹\n    keys: [\"NEW\"]›\n\n  # the next",
        "  al:\n    name: Al\n    groups:\n    - sre‹\n    keys: [\"NEW\"]›",
        "  al:\n    groups: [\n      sre\n    ]\n    name: Al‹\n    keys: [\"NEW\"]›",
        "  al:\n    name: Al\n    groups: [\n      sre ] # ]‹\n    keys: [\"NEW\"]›",
        "  al:\n    name: Al\n    keys: [\"OLD\"‹, \"NEW\"›]\n    groups: [sre]",
        "  al:\n    name: Al\n    keys:\n      - OLD‹\n      - \"NEW\"›\n    groups: [sre]",
        "  al:\n    name: Al\n    keys:\n    -   \"OLD\" # laptop‹\n    -   \"NEW\"›\n    # groups\n    groups: [sre]",
        "  al:\n      groups: [sre]\n      name: Al\n      keys: []\n".Replace("[]", "[‹\"NEW\"›]", StringComparison.Ordinal),
        "  al:\n    name: >-\n      Al\n    groups: [sre]‹\n    keys: [\"NEW\"]›",
        "  other: { name: Al O'Ther }\n  al:\n    name: Al\n    groups: [sre]‹\n    keys: [\"NEW\"]›\n  third: { name: Third }",
    ];

    [Theory]
    [MemberData(nameof(Keys))]
    public void AddKey_AnyStyle_InsertsThatAndNothingElse(string style)
    {
        foreach (var (head, rest) in new[] { (Head, Rest), ("\uFEFF" + Head, Rest), (Head, ""), (Head.Replace("\n", "\r\n", StringComparison.Ordinal), Rest.Replace("\n", "\r\n", StringComparison.Ordinal)) })
        {
            var whole = head + style.Replace("OLD", Old, StringComparison.Ordinal).Replace("NEW", New.ToString(), StringComparison.Ordinal) + rest;
            if (head.Contains('\r')) whole = whole.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
            var (from, to) = (whole.IndexOf('‹'), whole.IndexOf('›'));
            var (before, after) = (whole[..from] + whole[(to + 1)..], whole.Replace("‹", "", StringComparison.Ordinal).Replace("›", "", StringComparison.Ordinal));

            var edit = Add(before);

            Assert.NotNull(edit);
            Assert.Equal(after, Encoding.UTF8.GetString(edit.Bytes));
            Assert.Equal(edit.Text, after.TrimStart('\uFEFF').Split('\n')[edit.Line - 1].TrimEnd('\r'));
            Assert.Equal(edit.IsNew, whole[from..to].Contains('\n'));
        }
    }

    /// <summary>What could go wrong is left to a person.</summary>
    [Theory]
    [InlineData("  al:\n    groups: [sre]\n    name: Al\n      Archer")]
    [InlineData("  al:\n    groups: [sre]\n    name: \"Al\n      Archer\"")]
    [InlineData("  al:\n    groups: [sre]\n    name: >-\n      Al")]
    [InlineData("  al:\n    name: Al\n    groups: [sre]\n    keys:\n    - >-\n      OLD")]
    [InlineData("  al:\n    name: Al\n    groups: [sre]\n    keys:\n    -\n      OLD")]
    [InlineData("  al:\n    ? name\n    : Al\n    ? groups\n    : [sre]")]
    public void AddKey_StyleThatIsNotChanged_IsNoEdit(string style) => Assert.Null(Add(Head + style.Replace("OLD", Old, StringComparison.Ordinal) + Rest));

    [Fact]
    public void AddKey_OneThatAnotherHas_IsNoEdit() =>
        Assert.Null(Add($"{Head}  al: {{ name: Al, groups: [sre] }}\n  bo: {{ name: Bo, keys: [\"{new NoteKey("bo", New.PublicKey.Span)}\"] }}\n"));

    [Theory]
    [InlineData("slack:T1/U1", "\"slack:T1/U1\"")]
    [InlineData(@"os:CORP\al", @"""os:CORP\\al""")]
    [InlineData("oidc:https://a.example#a+'\"b", "\"oidc:https://a.example#a+'\\\"b\"")]
    public void AddIdentity_AnyForm_IsQuotedAsYamlReadsIt(string identity, string written)
    {
        var bytes = Encoding.UTF8.GetBytes($"{Head}  al: {{ name: Al, groups: [sre], identities: [os:al] }}\n");

        var edit = DirectoryEdit.AddIdentity(DirectoryLoader.Parse("d.yaml", bytes), bytes, "al", identity);

        Assert.Equal($"  al: {{ name: Al, groups: [sre], identities: [os:al, {written}] }}", edit!.Text);
        Assert.Equal(["os:al", identity], DirectoryLoader.Parse("d.yaml", edit.Bytes).Find("al")!.Identities);
    }

    private static DirectoryEdit? Add(string yaml)
    {
        var bytes = Encoding.UTF8.GetBytes(yaml);
        return DirectoryEdit.AddKey(DirectoryLoader.Parse("d.yaml", bytes), bytes, "al", New);
    }
}
