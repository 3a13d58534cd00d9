using System.Text;
using Copilot.Core.Diagnoses;
using static Copilot.Bench.Reports.HtmlPage;

namespace Copilot.Bench.Reports;

/// <summary>Drawings in SVG, with titles for those who cannot see them.</summary>
internal static class HtmlCharts
{
    private const double Label = 150;
    private const double Width = 420;
    private const double Row = 30;
    private const double Side = 240;

    /// <summary>A bar for each engine with the interval of its mean.</summary>
    public static string Scores(IReadOnlyList<EngineReport> engines)
    {
        var height = (engines.Count * Row) + 26;
        var svg = new StringBuilder($"<svg role=\"img\" width=\"{N(Label + Width + 70)}\" height=\"{N(height)}\" viewBox=\"0 0 {N(Label + Width + 70)} {N(height)}\"><title>Score of each engine with its 95 % interval</title>");
        foreach (var tick in new[] { 0, 0.25, 0.5, 0.75, 1 })
            svg.Append($"<line class=\"axis\" x1=\"{N(Label + (tick * Width))}\" x2=\"{N(Label + (tick * Width))}\" y1=\"0\" y2=\"{N(height - 20)}\"/><text class=\"dimtext\" text-anchor=\"middle\" x=\"{N(Label + (tick * Width))}\" y=\"{N(height - 6)}\">{N(tick)}</text>");
        for (var i = 0; i < engines.Count; i++)
        {
            var (y, score) = (i * Row, engines[i].All.Score);
            svg.Append($"<text x=\"{N(Label - 10)}\" y=\"{N(y + 19)}\" text-anchor=\"end\">{Text(engines[i].Engine)}</text>");
            if (score.Mean is not { } mean) continue;
            svg.Append($"<rect class=\"bar\" x=\"{N(Label)}\" y=\"{N(y + 6)}\" width=\"{N(Math.Max(1, mean * Width))}\" height=\"18\" rx=\"2\"/>");
            if (score.Interval is { } interval)
            {
                var (low, high) = (Label + (Math.Clamp(interval.Low, 0, 1) * Width), Label + (Math.Clamp(interval.High, 0, 1) * Width));
                svg.Append($"<path class=\"whisker\" fill=\"none\" d=\"M{N(low)} {N(y + 10)}v10m0 -5H{N(high)}m0 -5v10\"/>");
            }
            svg.Append($"<text x=\"{N(Label + Width + 12)}\" y=\"{N(y + 19)}\">{mean:0.000}</text>");
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>The reliability diagram: how often it was right, by how sure it was. Dots on the line are what confidence means.</summary>
    public static string Reliability(CalibrationReport calibration)
    {
        const double Left = 40;
        var svg = new StringBuilder($"<svg role=\"img\" width=\"{N(Side + Left + 20)}\" height=\"{N(Side + 44)}\" viewBox=\"0 0 {N(Side + Left + 20)} {N(Side + 44)}\"><title>Reliability diagram</title>");
        svg.Append($"<rect class=\"axis\" fill=\"none\" x=\"{N(Left)}\" y=\"8\" width=\"{N(Side)}\" height=\"{N(Side)}\"/><line class=\"ideal\" x1=\"{N(Left)}\" y1=\"{N(Side + 8)}\" x2=\"{N(Left + Side)}\" y2=\"8\"/>");
        var most = Math.Max(1, calibration.Bins.Count == 0 ? 1 : calibration.Bins.Max(b => b.Count));
        foreach (var bin in calibration.Bins.Where(b => b.Count > 0))
        {
            var (x, y, interval) = (Left + (bin.MeanConfidence!.Value * Side), 8 + ((1 - bin.ShareRight!.Value) * Side), bin.Interval!.Value);
            svg.Append($"<path class=\"whisker\" fill=\"none\" d=\"M{N(x)} {N(8 + ((1 - interval.Low) * Side))}V{N(8 + ((1 - interval.High) * Side))}\"/>");
            svg.Append($"<circle class=\"dot\" cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(3 + (6 * Math.Sqrt((double)bin.Count / most)))}\"><title>{bin.Count} named, mean confidence {bin.MeanConfidence:0.00}, right {bin.ShareRight:0.00}</title></circle>");
        }
        foreach (var tick in new[] { 0, 0.5, 1 })
            svg.Append($"<text class=\"dimtext\" text-anchor=\"middle\" x=\"{N(Left + (tick * Side))}\" y=\"{N(Side + 24)}\">{N(tick)}</text><text class=\"dimtext\" text-anchor=\"end\" x=\"{N(Left - 6)}\" y=\"{N(12 + ((1 - tick) * Side))}\">{N(tick)}</text>");
        return svg.Append($"<text class=\"dimtext\" text-anchor=\"middle\" x=\"{N(Left + (Side / 2))}\" y=\"{N(Side + 40)}\">confidence</text></svg>").ToString();
    }

    /// <summary>When things happened, within the time that the evidence covers; the onset is the coloured band.</summary>
    public static string Timeline(Diagnosis diagnosis)
    {
        if (diagnosis.Window is not { } window || window.To <= window.From || diagnosis.Timeline.Count == 0) return "";
        const double Wide = 900, Tall = 62;
        var svg = new StringBuilder($"<svg role=\"img\" width=\"{N(Wide)}\" height=\"{N(Tall)}\" viewBox=\"0 0 {N(Wide)} {N(Tall)}\"><title>Timeline</title>");
        if (diagnosis.Onset is { } onset)
        {
            var (from, to) = (At(onset.Earliest), At(onset.Latest));
            svg.Append($"<rect class=\"onset\" x=\"{N(from)}\" y=\"6\" width=\"{N(Math.Max(3, to - from))}\" height=\"30\"><title>onset {onset.At:HH:mm:ss}</title></rect>");
        }
        svg.Append($"<line class=\"axis\" x1=\"10\" x2=\"{N(Wide - 10)}\" y1=\"21\" y2=\"21\"/>");
        foreach (var entry in diagnosis.Timeline.Where(t => t.At >= window.From && t.At <= window.To))
            svg.Append($"<circle class=\"dot\" cx=\"{N(At(entry.At))}\" cy=\"21\" r=\"4\"><title>{entry.At:HH:mm:ss} {Text(entry.Says)}</title></circle>");
        svg.Append($"<text class=\"dimtext\" x=\"10\" y=\"54\">{window.From:HH:mm:ss}</text><text class=\"dimtext\" text-anchor=\"end\" x=\"{N(Wide - 10)}\" y=\"54\">{window.To:HH:mm:ss} UTC</text>");
        return svg.Append("</svg>").ToString();

        double At(DateTimeOffset time) => 10 + (Math.Clamp((time - window.From) / (window.To - window.From), 0, 1) * (Wide - 20));
    }

    /// <summary>From the first to the second score of each case that changed.</summary>
    public static string Changes(IReadOnlyList<ChangedCase> changed)
    {
        var rows = changed.Where(c => Math.Abs(c.First - c.Second) > 1e-9).ToList();
        if (rows.Count == 0) return "";
        const double Left = 260;
        var height = (rows.Count * 22) + 26;
        var svg = new StringBuilder($"<svg role=\"img\" width=\"{N(Left + Width + 30)}\" height=\"{N(height)}\" viewBox=\"0 0 {N(Left + Width + 30)} {N(height)}\"><title>Scores of the cases that changed, first to second run</title>");
        for (var i = 0; i < rows.Count; i++)
        {
            var (y, c) = ((i * 22) + 12, rows[i]);
            var (from, to) = (Left + (c.First * Width), Left + (c.Second * Width));
            svg.Append($"<text x=\"{N(Left - 12)}\" y=\"{N(y + 4)}\" text-anchor=\"end\">{Text(c.Case)}</text><line class=\"axis\" x1=\"{N(Left)}\" x2=\"{N(Left + Width)}\" y1=\"{N(y)}\" y2=\"{N(y)}\"/>");
            svg.Append($"<line class=\"{(c.Second < c.First ? "fall" : "rise")}\" x1=\"{N(from)}\" x2=\"{N(to)}\" y1=\"{N(y)}\" y2=\"{N(y)}\"/><circle class=\"dot2\" cx=\"{N(from)}\" cy=\"{N(y)}\" r=\"4\"/><circle class=\"dot\" cx=\"{N(to)}\" cy=\"{N(y)}\" r=\"5\"/>");
        }
        foreach (var tick in new[] { 0, 0.5, 1 }) svg.Append($"<text class=\"dimtext\" text-anchor=\"middle\" x=\"{N(Left + (tick * Width))}\" y=\"{N(height - 4)}\">{N(tick)}</text>");
        return svg.Append("</svg>").ToString();
    }
}
