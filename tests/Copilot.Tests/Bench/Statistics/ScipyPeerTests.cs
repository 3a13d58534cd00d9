using System.Diagnostics;
using System.Text.Json;
using Copilot.Bench.Statistics;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Statistics;

/// <summary>The same random questions answered by SciPy in a process of its own.</summary>
public sealed class ScipyPeerTests : IDisposable
{
    /// <summary>The system's Python: SciPy of the distribution lies with it, and another one may be first on the path.</summary>
    private const string Python = "/usr/bin/python3";

    private const double Relative = 1e-9;

    private readonly TempFolder _folder = new();
    private readonly Random _random = new(20241101);
    private readonly List<Question> _questions = [];

    /// <param name="Relative">The error that is allowed, as a part of the peer's value.</param>
    /// <param name="Absolute">Allowed besides.</param>
    private sealed record Question(string Method, object[] Arguments, double[] Ours, double Relative, double Absolute);

    private sealed record Comparison(string Method, string Asked, double Ours, double Theirs, double Difference, double Allowed);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Statistics_RandomQuestions_AgreeWithScipy()
    {
        var count = TestCounts.Pick(reduced: 100, full: 3000);
        for (var i = 0; i < count; i++)
        {
            AskProportions(trials: Spread(4), Relative);
            // The error of Math.NET's log-gamma function grows with its argument.
            AskProportions(trials: Spread(6), relative: 1e-8);
            AskClusters();
            AskPairs();
            AskRest();
        }

        var answers = await Peer();

        Assert.Equal(_questions.Count, answers.Length);
        var compared = _questions.Zip(answers).SelectMany(Compare).ToList();
        foreach (var method in compared.GroupBy(c => c.Method))
        {
            var worst = method.Max(c => c.Difference);
            TestReport.Line($"SciPy peer, {method.Key}: {method.Count()} numbers compared, largest relative difference {worst:0.0e+00}");
        }
        var wrong = compared.Where(c => !(c.Difference <= c.Allowed)).ToList();
        TestReport.Line($"SciPy peer: {compared.Count} numbers of {_questions.Count} questions compared, {wrong.Count} differ");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20).Select(c => $"{c.Method} {c.Asked}: {c.Ours:R}, SciPy {c.Theirs:R}")));
    }

    private void AskProportions(int trials, double relative)
    {
        var successes = _random.Next(6) switch
        {
            0 => 0,
            1 => trials,
            2 => 1,
            3 => trials - 1,
            4 => Math.Min(trials, _random.Next(20)),
            _ => _random.Next(trials + 1),
        };
        var confidence = Confidence();
        var wilson = Intervals.Wilson(successes, trials, confidence)!.Value;
        var exact = Intervals.ClopperPearson(successes, trials, confidence)!.Value;
        Ask("wilson", [successes, trials, confidence], [wilson.Low, wilson.High]);
        Ask("exact_by_quantile", [successes, trials, confidence], [exact.Low, exact.High], relative);
        // Its root is found to 2e-12, however small it is.
        Ask("exact_by_search", [successes, trials, confidence], [exact.Low, exact.High], relative, absolute: 4e-12);
    }

    private void AskClusters()
    {
        // Right or wrong, thirds, or anything; equal or different numbers of repeats.
        var steps = Steps();
        var repeats = _random.Next(2) == 0 ? _random.Next(1, 6) : 0;
        double[] Cluster() => [.. Enumerable.Range(0, repeats > 0 ? repeats : _random.Next(1, 6)).Select(_ => _random.Next(steps + 1) / (double)steps)];
        var clusters = Enumerable.Range(0, 1 + Spread(2)).Select(_ => Cluster()).ToList();
        var confidence = Confidence();
        var ours = Intervals.ClusteredMean(clusters, confidence)!;
        // A mean of 0 and an error of 0 are met but for rounding.
        Ask("clustered", [clusters, confidence], [ours.Mean, ours.StandardError!.Value, ours.Interval!.Value.Low, ours.Interval.Value.High], absolute: 1e-13);

        var (freedom, tail) = (Spread(5), (1 - confidence) / 2);
        var t = Quantiles.StudentAbove(freedom, tail);
        Ask("student", [freedom, tail], [t]);
        Ask("student_roughly", [freedom, tail], [t], relative: 1e-8);
    }

    private void AskPairs()
    {
        var pairs = Spread(4);
        // Half of them near the middle, where p is not tiny.
        var near = (pairs / 2.0) + (Math.Sqrt(pairs) * (_random.NextDouble() - 0.5) * 4);
        var onlyA = _random.Next(2) == 0 ? _random.Next(pairs + 1) : Math.Clamp((int)near, 0, pairs);
        // What is smaller than a normal double is lost in different places.
        Ask("mcnemar", [onlyA, pairs - onlyA], [PairedTests.McNemarExact(onlyA, pairs - onlyA)], absolute: 1e-300);

        // Ties, zeros and differences of thirds are what repeats bring about.
        var steps = Steps();
        var differences = Enumerable.Range(0, _random.Next(2, 13)).Select(_ => _random.Next(-steps, steps + 1) / (double)steps).ToArray();
        Ask("sign_flip", [differences], [PairedTests.SignFlip(differences, seed: 1)]);
    }

    private void AskRest()
    {
        double PValue() => _random.Next(3) == 0 ? _random.Next(11) / 100.0 : Math.Pow(_random.NextDouble(), 4);
        var pvalues = Enumerable.Range(0, _random.Next(1, 20)).Select(_ => PValue()).ToArray();
        Ask("holm", [pvalues], [.. Holm.Adjust(pvalues)]);

        var n = _random.Next(1, 200);
        var (c, k) = (_random.Next(n + 1), _random.Next(1, n + 1));
        Ask("pass_at_k", [n, c, k], [PassRates.PassAtK(n, c, k)!.Value], absolute: 1e-15);
        Ask("pass_hat_k", [n, c, k], [PassRates.PassHatK(n, c, k)!.Value]);

        double Stated() => _random.Next(2) == 0 ? _random.Next(101) / 100.0 : _random.NextDouble();
        var answers = Enumerable.Range(0, Spread(3)).Select(_ => (Confidence: Stated(), Right: _random.Next(2) == 0)).ToList();
        var bins = _random.Next(1, 30);
        double[] ours = [Calibration.Brier(answers)!.Value, Calibration.ExpectedError(answers, bins)!.Value];
        Ask("calibration", [answers.Select(a => a.Confidence), answers.Select(a => a.Right), bins], ours, absolute: 1e-13);
    }

    private void Ask(string method, object[] arguments, double[] ours, double relative = Relative, double absolute = 0) =>
        _questions.Add(new(method, arguments, ours, relative, absolute));

    private int Steps() => _random.Next(3) switch { 0 => 1, 1 => 3, _ => 1_000_000 };

    private double Confidence() => _random.Next(6) switch { 0 => 0.8, 1 => 0.99, 2 => 0.999, _ => 0.95 };

    /// <summary>From 1 to 10^digits, as many of each size.</summary>
    private int Spread(int digits) => (int)Math.Pow(10, _random.NextDouble() * digits);

    private async Task<double[][]> Peer()
    {
        var questions = _folder.Write("questions.json", JsonSerializer.Serialize(_questions.Select(q => (object[])[q.Method, .. q.Arguments])));
        var answers = _folder.Combine("answers.json");
        // Isolated: no variable and no package of the user's own changes what is compared with.
        var script = Path.Combine(TestData.RepositoryRoot, "tests", "peers", "scipy_peer.py");
        var start = new ProcessStartInfo(Python, ["-I", script, questions, answers]) { RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"The peer needs SciPy (Debian: python3-scipy; test.sh installs it). It ended with {process.ExitCode}: {error}");
        return JsonSerializer.Deserialize<double[][]>(await File.ReadAllTextAsync(answers, TestContext.Current.CancellationToken))!;
    }

    private static IEnumerable<Comparison> Compare((Question Question, double[] Answer) pair)
    {
        var (question, answer) = pair;
        Assert.Equal(answer.Length, question.Ours.Length);
        var asked = JsonSerializer.Serialize(question.Arguments);
        return question.Ours.Zip(answer, (ours, theirs) =>
            new Comparison(question.Method, asked, ours, theirs, Difference(ours, theirs, question.Absolute), question.Relative));
    }

    /// <summary>As a part of the peer's value, after the allowance.</summary>
    private static double Difference(double ours, double theirs, double absolute)
    {
        var beyond = Math.Abs(ours - theirs) - absolute;
        return beyond <= 0 ? 0 : beyond / Math.Abs(theirs);
    }
}
