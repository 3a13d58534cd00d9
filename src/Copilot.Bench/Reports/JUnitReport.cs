using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Copilot.Bench.Reports;

/// <summary>
/// A test case for each engine and case, as build servers read it (the JUnit XML form of Jenkins' xunit plugin). One that does not score 1 in every attempt is
/// a failure; what infrastructure failed is an error.
/// </summary>
public static class JUnitReport
{
    public static string Write(RunReport report)
    {
        var suites = report.Engines.Select(e => Suite(report, e)).ToList();
        var document = new XDocument(new XElement("testsuites", new XAttribute("name", "copilot bench"), Sum("tests"), Sum("failures"), Sum("errors"), suites));
        var text = new StringBuilder();
        // Names and faults come from outside: what XML cannot hold is left out instead of breaking the file.
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true, CheckCharacters = true })) document.Save(writer);
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n";

        XAttribute Sum(string name) => new(name, suites.Sum(s => int.Parse(s.Attribute(name)!.Value, CultureInfo.InvariantCulture)));
    }

    private static XElement Suite(RunReport report, EngineReport engine)
    {
        var cases = report.Cases.Where(c => c.Attempts[engine.Engine].Count > 0).Select(c => Case(c, engine.Engine)).ToList();
        var errors = report.Infrastructure.Where(i => i.Engine == engine.Engine).GroupBy(i => i.Case).Select(g => new XElement(
            "testcase", new XAttribute("classname", $"{engine.Engine}.infrastructure"), new XAttribute("name", Clean(g.Key)), new XElement("error", new XAttribute("type", "infrastructure"), new XAttribute("message", Clean(g.First().Fault))))).ToList();
        return new("testsuite", new XAttribute("name", engine.Engine), new XAttribute("tests", cases.Count + errors.Count), new XAttribute("failures", cases.Count(c => c.Element("failure") is not null)), new XAttribute("errors", errors.Count), cases, errors);
    }

    private static XElement Case(ReportedCase reported, string engine)
    {
        var attempts = reported.Attempts[engine];
        var element = new XElement(
            "testcase", new XAttribute("classname", $"{engine}.{Clean(reported.Suite)}"), new XAttribute("name", Clean(reported.Description.Id)), new XAttribute("time", attempts.Sum(a => a.Result.Seconds).ToString("0.000", CultureInfo.InvariantCulture)));
        if (attempts.FirstOrDefault(a => a.Score.Score < 1) is not { } worst) return element;
        var named = worst.Result.Answer is { } answer ? answer.Causes.Count == 0 ? "no cause" : string.Join(", ", answer.Causes.Select(c => c.Name)) : worst.Result.Fault ?? "no answer";
        element.Add(new XElement("failure", new XAttribute("type", "score"), new XAttribute("message", Clean($"scores {string.Join(", ", attempts.Select(a => $"{a.Score.Score:0.00}"))}; attempt {worst.Result.Repeat} named {named}; right is {ReportSummary.Truth(reported.Description.Truth)}"))));
        return element;
    }

    private static string Clean(string text) => new([.. text.Where(XmlConvert.IsXmlChar)]);
}
