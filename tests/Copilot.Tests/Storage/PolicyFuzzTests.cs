using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using Copilot.Tests.Policy;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

/// <summary>
/// Shipped policies and their tests, altered again and again: as bytes, and as trees of YAML so that what comes out is read further than its first line.
/// Whatever is accepted asks for nothing that it does not declare.
/// </summary>
public sealed partial class PolicyFuzzTests
{
    private const int MostAlterations = 5;

    /// <summary>Far more than any takes (a fifth of a second), as other tests may hold the processor.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static readonly string[] Pieces = ["\n", "\r", "\t", " ", "  ", "- ", ": ", "{", "}", "[", "]", ",", "\"", "'", "#", "&a ", "*a", "!!str ", "<<: ", "? ", "|\n", ">\n", "%", "---\n", "...\n", "\\u200b", "\\0", "\0", "\u200b", "\u0430", "e\u0301", "\ufeff", "no", "~", "1e9", ".nan", "-1", "99999999999", "0x1f"];

    private static readonly string[] Words = ["", "prod", "staging", "oncall", "sre-oncall", "k8s.scale", "k8s.delete", "read", "write", "yes", "no", "true", "0", "1", "0.5", "20", "21", "30m", "2h", "shop-*", "*", "sev1", "allow", "prohibit", "human", "freeze", "peak-freeze", "confidence", "effect", "in", "not", "glob", "min", "max", "absolute", "unless", "\u0430", "a b", "a\nb"];

    private static readonly (string Name, byte[] Bytes, bool IsTests)[] Good =
    [
        .. Policies.All.SelectMany(p => new[] { p, PolicyTestsFile.Of(p)! }).Select(f => (f, File.ReadAllBytes(f), PolicyTestsFile.IsOne(f))),
        ("good", Encoding.UTF8.GetBytes(MalformedPolicies.Good), false),
    ];

    private static readonly Dictionary<string, PolicyDocument> Documents = Policies.All.ToDictionary(p => p, p => PolicyLoader.Load(p).Document);

    private readonly Random _random = new(20261130);

    [Fact]
    public void Load_AlteredBytes_NeverCrashesAndDeclaresWhatItAsksFor() => Fuzz("bytes", TestCounts.Pick(reduced: 2_000, full: 400_000), good => Altered(good.Bytes));

    [Fact]
    public void Load_AlteredTrees_NeverCrashesAndDeclaresWhatItAsksFor()
    {
        var trees = Good.Select(g => StrictYaml.Parse("f", g.Bytes)).ToArray();
        var parts = trees.SelectMany(Parts).ToArray();
        Fuzz("trees", TestCounts.Pick(reduced: 2_000, full: 400_000), good =>
        {
            var tree = trees[Array.IndexOf(Good, good)];
            for (var i = _random.Next(1, MostAlterations); i > 0; i--) tree = Altered(tree, _random.Next(Parts(tree).Count()), parts);
            return Encoding.UTF8.GetBytes(Write(tree));
        });
    }

    private void Fuzz(string what, int count, Func<(string Name, byte[] Bytes, bool IsTests), byte[]> alter)
    {
        var (policies, tests, refused, slowest) = (0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < count; i++)
        {
            var good = Good[_random.Next(Good.Length)];
            var bytes = alter(good);
            var clock = Stopwatch.StartNew();
            try
            {
                if (good.IsTests)
                {
                    var policy = Documents[PolicyTestsFile.PolicyOf(good.Name)];
                    var result = PolicyTesting.Run(policy, PolicyTestsFile.Parse("f", bytes, policy));
                    Assert.DoesNotContain(result.Cases, c => c.Decision.Reason.Contains("defect", StringComparison.Ordinal));
                    tests++;
                }
                else
                {
                    var policy = PolicyLoader.Parse("f", bytes).Document;
                    AssertDeclared(policy);
                    Assert.DoesNotContain("defect", PolicyEvaluation.Decide(policy, Policies.Rollback).Reason);
                    policies++;
                }
            }
            catch (FileFaultException e)
            {
                Assert.All(e.Faults, f => Assert.Matches(@"^f:[1-9][0-9]*: .+\.", f));
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{e}\n\nThe file:\n{Encoding.UTF8.GetString(bytes)}");
            }
            if (clock.Elapsed > slowest) slowest = clock.Elapsed;
        }
        TestReport.Line($"fuzzing of policies as {what}: {count} altered files, {policies} policies and {tests} tests accepted, {refused} refused, the slowest in {slowest.TotalMilliseconds:0} ms");
        Assert.True(slowest < Bound, $"one took {slowest}");
        // A fuzzer whose files are all refused at the first line tests little.
        Assert.True(policies > count / 100 && tests > count / 100 && refused > count / 10, $"{policies} policies, {tests} tests, {refused} refused");
    }

    private static void AssertDeclared(PolicyDocument policy)
    {
        var vocabulary = policy.Vocabulary;
        Assert.Matches(NameForm(), policy.Name);
        Assert.Equal(policy.Rules.Count, policy.Rules.Select(r => r.Id).Distinct().Count());
        Assert.All(vocabulary.Calendars.SelectMany(c => c.Closed), c => Assert.True(c.From < c.To));
        foreach (var rule in policy.Rules)
        {
            Assert.Matches(NameForm(), rule.Id);
            Assert.True(rule.When.Count > 0 || !rule.Then.Opens);
            if (rule.Then.Opens) Assert.DoesNotContain(rule.When, c => vocabulary.StatedByModel.Contains(c.Fact));
            foreach (var condition in rule.When) AssertDeclared(condition, vocabulary);
            var requirements = rule.Then switch { PolicyThen.RequireApproval require => require.Requirements, PolicyThen.AlsoRequire also => also.Requirements, _ => null };
            if (rule.Then is PolicyThen.RequireApproval) Assert.True(requirements is { DecideWithin: not null, ExecuteWithin: not null } && requirements.All.Any(r => r.Unless.Count == 0));
            foreach (var requirement in requirements?.All ?? [])
            {
                Assert.Contains(vocabulary.Roles, r => r.Name == requirement.Role);
                Assert.InRange(requirement.Count, 1, RuleReader.MaxPeople);
                foreach (var condition in requirement.Unless)
                {
                    AssertDeclared(condition, vocabulary);
                    Assert.DoesNotContain(condition.Fact, vocabulary.StatedByModel);
                }
            }
        }
    }

    private static void AssertDeclared(PolicyCondition condition, PolicyVocabulary vocabulary)
    {
        Assert.True(Enum.IsDefined(condition.Fact));
        switch (condition)
        {
            case TextCondition text:
                Assert.NotEmpty(text.Texts);
                Assert.All(text.Texts, t => Assert.Matches("^[ -~]+$", t));
                Assert.Equal(text.TextFact == PolicyFact.TargetLabels, text.Label is not null);
                IEnumerable<string>? known = text.TextFact switch
                {
                    PolicyFact.Kind => vocabulary.Kinds.Select(k => k.Name),
                    PolicyFact.Environment => vocabulary.Environments,
                    PolicyFact.Severity => vocabulary.Severities,
                    PolicyFact.ReadSource => PolicyRead.Sources,
                    PolicyFact.Requester => ["human", "agent", "service"],
                    _ => null,
                };
                if (known is not null) Assert.Subset(known.ToHashSet(), text.Texts.ToHashSet());
                if (text.Test != TextTest.Like) Assert.DoesNotContain(text.Texts, t => t.Contains('*'));
                break;
            case RangeCondition range:
                Assert.True(range.Min is not null || range.Max is not null);
                Assert.False(range.Min > range.Max || range.Min < 0 || range.Max < 0);
                break;
            case ClosedCondition closed:
                Assert.Contains(vocabulary.Calendars, c => c.Name == closed.Calendar);
                break;
            case FlagCondition flag:
                Assert.Equal(PolicyFact.Loosens, flag.Fact);
                break;
            default:
                Assert.Equal(PolicyFact.Kind, condition.Fact);
                break;
        }
    }

    private byte[] Altered(byte[] text)
    {
        for (var i = _random.Next(1, MostAlterations); i > 0; i--)
        {
            var at = _random.Next(text.Length + 1);
            var other = Good[_random.Next(Good.Length)].Bytes;
            var (from, length) = (_random.Next(other.Length), _random.Next(1, 40));
            text = _random.Next(5) switch
            {
                0 when at < text.Length => [.. text[..at], (byte)(text[at] ^ (1 << _random.Next(8))), .. text[(at + 1)..]],
                1 => [.. text[..at], .. text[Math.Min(text.Length, at + length)..]],
                2 => [.. text[..at], .. Encoding.UTF8.GetBytes(Pieces[_random.Next(Pieces.Length)]), .. text[at..]],
                3 => [.. text[..at], .. other[from..Math.Min(other.Length, from + length)], .. text[at..]],
                // A digit for another.
                _ => [.. text.Select((b, j) => j >= at && j < at + 200 && b is >= (byte)'0' and <= (byte)'9' && _random.Next(20) == 0 ? (byte)('0' + _random.Next(10)) : b)],
            };
        }
        return text;
    }

    /// <summary>The tree with its value of this number, counted from the top, made another.</summary>
    private YamlValue Altered(YamlValue tree, int number, YamlValue[] parts)
    {
        return Visit(tree);

        YamlValue Visit(YamlValue value)
        {
            if (number-- == 0) return Other(value);
            return value switch
            {
                YamlMap map => map with { Entries = [.. map.Entries.Select(e => e with { Value = Visit(e.Value) })] },
                YamlList list => list with { Items = [.. list.Items.Select(Visit)] },
                _ => value,
            };
        }

        YamlValue Other(YamlValue value) => (_random.Next(6), value) switch
        {
            (0, YamlMap { Entries.Count: > 0 } map) when _random.Next(map.Entries.Count) is var i => map with { Entries = [.. map.Entries.Where((_, j) => j != i)] },
            (1, YamlMap { Entries.Count: > 0 } map) when _random.Next(map.Entries.Count) is var i => map with { Entries = [.. map.Entries.Select((e, j) => j == i ? e with { Key = e.Key with { Text = Words[_random.Next(Words.Length)] } } : e)] },
            (2, YamlMap map) => map with { Entries = [.. map.Entries, .. ((parts[_random.Next(parts.Length)] as YamlMap)?.Entries ?? []).Take(1)] },
            (0, YamlList { Items.Count: > 0 } list) when _random.Next(list.Items.Count) is var i => list with { Items = [.. list.Items.Where((_, j) => j != i)] },
            (1 or 2, YamlList list) => list with { Items = [.. list.Items, parts[_random.Next(parts.Length)]] },
            (0 or 1 or 2, YamlScalar scalar) => scalar with { Text = Words[_random.Next(Words.Length)] },
            (3, YamlScalar scalar) => scalar with { Quoted = !scalar.Quoted },
            _ => parts[_random.Next(parts.Length)],
        };
    }

    private static IEnumerable<YamlValue> Parts(YamlValue value) => value switch
    {
        YamlMap map => map.Entries.SelectMany(e => Parts(e.Value)).Prepend(map),
        YamlList list => list.Items.SelectMany(Parts).Prepend(list),
        _ => [value],
    };

    private static string Write(YamlValue value) => value switch
    {
        YamlMap map => $"{{{string.Join(", ", map.Entries.Select(e => $"{Write(e.Key)}: {Write(e.Value)}"))}}}",
        YamlList list => $"[{string.Join(",\n ", list.Items.Select(Write))}]",
        YamlScalar { Quoted: false } scalar when PlainForm().IsMatch(scalar.Text) => scalar.Text,
        YamlScalar scalar => JsonSerializer.Serialize(scalar.Text, JsonText),
        _ => "",
    };

    private static readonly JsonSerializerOptions JsonText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\\z")]
    private static partial Regex NameForm();

    [GeneratedRegex("^[A-Za-z0-9~-][A-Za-z0-9._/+-]*\\z")]
    private static partial Regex PlainForm();
}
