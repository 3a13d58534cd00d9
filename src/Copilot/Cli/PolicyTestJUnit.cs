using System.Text;
using System.Xml;
using System.Xml.Linq;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary>The tests of policies as build servers read them (the JUnit XML form of Jenkins' xunit plugin): a suite for each policy. A file that cannot be used is an error.</summary>
internal static class PolicyTestJUnit
{
    public static string Write(PolicyTestReport report)
    {
        var suites = report.Policies.Select(Suite).ToList();
        var document = new XDocument(new XElement("testsuites", new XAttribute("name", "copilot policy test"), Sum("tests"), Sum("failures"), Sum("errors"), suites));
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true })) document.Save(writer);
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n";

        XAttribute Sum(string name) => new(name, suites.Sum(s => (int)s.Attribute(name)!));
    }

    private static XElement Suite(TestedPolicy policy)
    {
        var cases = (policy.Result?.Cases ?? []).Select(c => Case(policy, c.Case.Name, c.Case.Line, c.Passed ? null : Fault("failure", PolicyTestView.Failure(c), string.Join('\n', DecisionView.Lines(c.Decision))))).ToList();
        cases.AddRange((policy.Result?.Invariants ?? []).Select(i => Case(policy, i.Invariant.Name, i.Invariant.Line, i.Holds ? null : Fault("failure", PolicyTestView.Failure(i), i.Counterexample is { } example ? PolicyDecisionJson.WriteFacts(example.Facts) : ""))));
        cases.AddRange(policy.Faults.Select((f, i) => Case(policy, $"file {i + 1}", 1, Fault("error", f))));
        if (policy is { TestsFile: null, Named: true, Faults.Count: 0 }) cases.Add(Case(policy, "tests", 1, Fault("failure", PolicyTestView.NoTests(policy))));
        return new("testsuite", Attribute("name", policy.TestsFile ?? policy.PolicyFile), Count("tests", cases, _ => true), Count("failures", cases, c => c.Element("failure") is not null), Count("errors", cases, c => c.Element("error") is not null), cases);
    }

    private static XElement Case(TestedPolicy policy, string name, int line, XElement? fault) =>
        new("testcase", Attribute("classname", Path.GetFileNameWithoutExtension(policy.PolicyFile)), Attribute("name", name), Attribute("file", policy.TestsFile ?? policy.PolicyFile), new XAttribute("line", line), fault);

    private static XElement Fault(string element, string message, string text = "") => new(element, Attribute("message", message), text.Length == 0 ? null : new XText(text));

    private static XAttribute Count(string name, List<XElement> cases, Func<XElement, bool> counts) => new(name, cases.Count(counts));

    // Cleaned, nothing is left that XML cannot hold but halves of characters, which no file in UTF-8 has.
    private static XAttribute Attribute(string name, string value) => new(name, PlainText.Clean(value));
}
