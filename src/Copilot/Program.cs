using System.Diagnostics;
using Copilot.Core.Analysis;
using Copilot.Engine.Signals;
using Copilot.Engine.Snapshots;
foreach (var dir in args)
{
    var clock = Stopwatch.StartNew();
    if (Snapshot.Open(dir) is not OpenedSnapshot.Ready r) { Console.WriteLine("unusable"); continue; }
    var x = SignalExtraction.Extract(r.Snapshot, 2, null, default).Signals;
    var a = RootCauseAnalysis.Analyze(x);
    Console.WriteLine($"@@ {r.Snapshot.Name} {string.Join(' ', a.Causes.Select(c => c.Hypothesis.Finding.Entity))}");
    Console.WriteLine($"  {clock.ElapsedMilliseconds} ms onset {a.Onset?.At:HH:mm:ss} [{a.Onset?.Earliest:HH:mm:ss} {a.Onset?.Latest:HH:mm:ss}] llr {a.Onset?.LogLikelihoodRatio:0}");
    foreach (var d in a.Degradations.Take(4)) Console.WriteLine($"  D {d.Says}");
    foreach (var s in a.Symptoms.Take(8)) Console.WriteLine($"  S {s.Weight:0.00} {s.Kind} {s.Caller}->{s.Component} {s.Began?.At:HH:mm:ss} {s.Says}");
    foreach (var h in a.Ranked.Take(6)) Console.WriteLine($"  H {h.Score:0.0} = prior {h.Prior:0.0} time {h.Time:0.0} sym {h.Symptoms:0.0} sup {h.Support:0.0} | {h.Finding.Code.Id} {h.Finding.Mechanism} {h.Finding.Says}");
    foreach (var c in a.Causes) Console.WriteLine($"  C {c.Confidence:0.00} {c.Hypothesis.Finding.Entity}");
}
return 0;
