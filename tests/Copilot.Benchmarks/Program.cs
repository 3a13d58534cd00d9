using Copilot.Benchmarks;

// Figures, not tests: how long an investigation takes beside `wc -l` over the same files in the same run, and how much memory.
//   scale [DIR...]   each snapshot; without one, simulated ones of four sizes
//   measure DIR      one investigation in this process (used by scale, so that each has a fresh process)
return args switch
{
    ["measure", var directory] => Scale.Measure(directory),
    ["scale", .. var directories] => Scale.Run(directories),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Copilot.Benchmarks scale [DIR...]");
    return 2;
}
