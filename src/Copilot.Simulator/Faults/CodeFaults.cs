using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Faults;

/// <summary>New images that run and do not do what they should.</summary>
internal static class CodeFaults
{
    private const double Mebibyte = 1_048_576;

    public static FaultPlan Throw(FaultContext c)
    {
        var (type, message) = c.Chance.Pick([("NullReferenceError", "value of 'profile' was null"), ("IndexError", "index 3 is out of range"),
            ("KeyNotFoundError", "no entry for the given key"), ("ArithmeticError", "division by zero"), ("CastError", "cannot cast text to number")]);
        return Release(c, new Release { Failing = c.Chance.Between(0.4, 0.9), Exception = type, Message = message }, $"throws {type}");
    }

    public static FaultPlan AnswerNonsense(FaultContext c) => Release(c, new Release { Wrong = c.Chance.Between(0.5, 0.95) }, "answers what its callers cannot use");

    public static FaultPlan WaitLonger(FaultContext c) => Release(c, new Release { DelayMs = c.Chance.Between(1700, 3200) }, "is slower than what ran before");

    public static FaultPlan BurnCpu(FaultContext c)
    {
        // Half as much again as there is, at the load that the limit was planned for.
        var spare = 1.5 * c.Victim.CpuMilli * c.Victim.Replicas / c.World.Traffic.RateOf(c.Victim);
        return Release(c, new Release { ExtraCpuMs = Math.Max(30, spare) }, "needs more CPU than its limit");
    }

    public static FaultPlan Leak(FaultContext c)
    {
        var seconds = c.Chance.Between(60, 150);
        return Release(c, new Release { LeakPerSecond = c.Victim.MemoryMi * Mebibyte * 0.5 / seconds }, "leaks memory");
    }

    private static FaultPlan Release(FaultContext c, Release release, string effect)
    {
        var image = c.NewImage();
        c.World.Images.Add(image, release with
        {
            After = c.Pattern == FaultPattern.Delayed ? Moment.Milliseconds(c.Chance.Between(180_000, 360_000)) : 0,
            Every = c.Intermittent ? Moment.Milliseconds(c.Chance.Between(150_000, 260_000)) : 0,
        });
        c.Edit(b => Workload.Container(b)["image"] = image);
        return c.PlanWorkload($"{image} {effect}");
    }
}
