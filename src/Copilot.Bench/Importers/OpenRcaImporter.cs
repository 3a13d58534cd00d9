using System.Globalization;
using Copilot.Bench.Cases;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>
/// Imports OpenRCA (github.com/microsoft/OpenRCA): folders SYSTEM (Bank, Telecom, Market/cloudbed-1, Market/cloudbed-2) with <c>query.csv</c>,
/// <c>record.csv</c> and <c>telemetry/DATE/{log,metric,trace}</c>. One case for each question. docs/evaluation-data.md says what is known from where.
/// </summary>
public static class OpenRcaImporter
{
    private const int Depth = 3;

    /// <summary>Finds the cases below a folder: of one system, or of several. Reads questions, labels and the heads of files only.</summary>
    /// <param name="directory">Such as dataset, dataset/Market or dataset/Bank.</param>
    /// <param name="notice">Is told, in a sentence each, what was left out; also while evidence is written.</param>
    /// <param name="before">How much of the time before the question's half hour belongs to the evidence: none unless asked for.</param>
    /// <exception cref="FileFaultException">The questions cannot be used, or there is none with telemetry. Also when evidence is written, of what shows only then.</exception>
    public static IEnumerable<ImportedCase> Read(string directory, Action<string>? notice = null, TimeSpan before = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(before, TimeSpan.Zero);
        var cases = Systems(directory).SelectMany(folder => Of(OpenRcaSystem.Of(folder), notice, before)).ToList();
        if (cases.Count > 0) return cases;
        throw new FileFaultException(
            $"{directory} holds no question of OpenRCA with telemetry. Expected is a folder of a system with {OpenRcaQuestions.QueryFile}, record.csv and telemetry/YYYY_MM_DD: "
            + "give Bank, Telecom, Market/cloudbed-1, or a folder of them.");
    }

    private static List<string> Systems(string directory)
    {
        if (!Directory.Exists(directory)) throw new FileFaultException($"{directory} is no folder. Give the folder of a system of OpenRCA, such as Bank, or a folder of them.");
        return Listing.Files(directory, OpenRcaQuestions.QueryFile, Depth).ConvertAll(f => Path.GetDirectoryName(f)!);
    }

    private static IEnumerable<ImportedCase> Of(OpenRcaSystem system, Action<string>? notice, TimeSpan before)
    {
        var questions = OpenRcaQuestions.Load(system.Folder);
        system.TellUnknown(notice);
        var dark = questions.Where(q => system.FilesOf(q.From, q.From + OpenRcaQuestions.HalfHour).Count == 0).ToList();
        if (dark.Count > 0)
        {
            var days = dark.Select(q => OpenRcaSystem.DayOf(q.From)).Distinct().Select(d => $"telemetry/{d}");
            notice?.Invoke($"{system.Name}: {Listing.Were(dark.Count, "question")} left out for want of telemetry: {Listing.Some(days)}.");
        }
        return questions.Except(dark).Select(q => Case(system, q, notice, before));
    }

    private static ImportedCase Case(OpenRcaSystem system, OpenRcaQuestion question, Action<string>? notice, TimeSpan before)
    {
        var half = question.From.ToOffset(OpenRcaQuestions.Zone).ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture);
        return new(
            new CaseDescription(
                string.Create(CultureInfo.InvariantCulture, $"openrca-{system.Slug}-{question.Row:000}"), question.Instruction, system.Application,
                $"openrca-{system.Slug}-{half}",
                [system.Slug, Cells.Slug(question.Task), Difficulty(question.Task)], question.Truth, [], CaseDescription.UsualBudget,
                new("openrca", string.Create(CultureInfo.InvariantCulture, $"OpenRCA {system.Name} {OpenRcaQuestions.QueryFile} row {question.Row}"), "MIT")),
            (target, cancellation) =>
            {
                var window = new OpenRcaWindow(question.From - before, question.From + OpenRcaQuestions.HalfHour);
                OpenRcaEvidence.Write(system, window, target, notice, cancellation);
            });
    }

    /// <summary>As OpenRCA's evaluator calls it, by how many of time, component and reason a task asks for.</summary>
    private static string Difficulty(string task) => task switch
    {
        "task_1" or "task_2" or "task_3" => "easy",
        "task_4" or "task_5" or "task_6" => "middle",
        "task_7" => "hard",
        _ => "other",
    };
}

/// <summary>The time that a case's evidence covers.</summary>
/// <param name="To">Is outside.</param>
internal readonly record struct OpenRcaWindow(DateTimeOffset From, DateTimeOffset To)
{
    public long FromNanoseconds => From.ToUnixTimeSeconds() * 1_000_000_000;

    public long ToNanoseconds => To.ToUnixTimeSeconds() * 1_000_000_000;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{From.ToOffset(OpenRcaQuestions.Zone):yyyy-MM-dd HH:mm} and {To.ToOffset(OpenRcaQuestions.Zone):yyyy-MM-dd HH:mm} UTC+8");
}
