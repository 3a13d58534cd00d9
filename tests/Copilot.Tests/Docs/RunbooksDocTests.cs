using System.Text;
using Copilot.Core.Actions;
using Copilot.Storage.Runbooks;
using Copilot.Tests.Actions;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Docs;

public sealed class RunbooksDocTests
{
    [Fact]
    public void RunbooksDoc_EqualsTheRunbooksAndTheirVocabulary()
    {
        var text = Text(ShippedRunbooks.Load());
        var file = Path.Combine(TestData.RepositoryRoot, "docs", "runbooks.md");

        if (!File.Exists(file) || File.ReadAllText(file) != text)
        {
            File.WriteAllText(file, text);
            Assert.Fail("docs/runbooks.md was not up to date; it has been written anew. Read the difference and commit it.");
        }
    }

    private static string Text(RunbookSet set)
    {
        var text = new StringBuilder($"""
            # Runbooks

            Generated from `runbooks/` and `src/Copilot.Core/Actions/RunbookVocabulary.cs` by `RunbooksDocTests`.

            A runbook says what to do about one way that an incident can start: the reversible steps that may be proposed, in order of preference, and a page for people. The mechanism of a cause leads to its runbook.

            `copilot runbooks list`, `show NAME`, `check [DIR]` (all faults, exit 1) and `search WORDS`. The folder is the shipped one, or that of the setting `Copilot:Runbooks:Folder`; one fault in it and none of its runbooks is used.

            ## Format

            `NAME/{RunbookLoader.FileName}`, UTF-8, at most {RunbookFile.MaxBytes >> 10} KiB: front matter in strict YAML (no anchors, tags, tabs or second keys) between two lines of three dashes, then Markdown.

            | key | value |
            |---|---|
            | name | small letters, digits and hyphens; the name of the folder |
            | description | what it is for and when to use it, at most {RunbookFile.MaxDescription} characters |
            | mechanisms | list, at least one; a mechanism has one runbook |
            | preconditions | list of words below, may be empty |
            | actions | list of kinds, the preferred one first; empty when nothing reversible can be proposed |
            | risk | low, medium or high: of the step, or of acting by hand where there is none |
            | rollback | how the step is taken back, a sentence |
            | verification | list of words below, at least one |
            | soak | how long the verification must hold: 90s, 5m, 1h; at most 24h |

            Sections of the body: {string.Join(", ", RunbookVocabulary.Sections.Select(s => $"\"{s}\""))}. Deleting is never proposed: `{ActionKind.Delete.Name}` among the actions is a fault.

            ## Preconditions

            A precondition stands before the kinds of action it concerns; a step is proposed when all that concern it hold.

            | word | holds when | concerns |
            |---|---|---|

            """);
        foreach (var p in RunbookPrecondition.All) text.Append($"| {p.Name} | {p.Meaning} | {string.Join(", ", p.Concerns.Select(k => k.Name))} |\n");
        text.Append("\n## Verification\n\n| word | holds when |\n|---|---|\n");
        foreach (var v in RunbookVerification.All) text.Append($"| {v.Name} | {v.Meaning} |\n");
        text.Append("\n## Coverage by mechanism\n\n| mechanism | runbook | actions | risk |\n|---|---|---|---|\n");
        foreach (var mechanism in ShippedRunbooks.Mechanisms)
        {
            text.Append(set.For(mechanism) is { } r
                ? $"| {mechanism} | [{r.Name}](../runbooks/{r.Name}/{RunbookLoader.FileName}) | {(r.Actions.Count == 0 ? "none: advice only" : string.Join(", ", r.Actions.Select(a => a.Name)))} | {r.Risk.ToString().ToLowerInvariant()} |\n"
                : $"| {mechanism} | none | | |\n");
        }
        return text.ToString();
    }
}
