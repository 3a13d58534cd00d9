using Copilot.Benchmarks;

// Figures, not tests: how long an investigation takes beside `wc -l` over the same files in the same run, and how much memory.
//   scale [DIR...]   each snapshot; without one, simulated ones of four sizes
//   policy           how long a decision takes by policies of 10 to 1,000 rules
//   measure DIR      one investigation in this process (used by scale, so that each has a fresh process)
//   redaction DIR... how many ordinary texts the redactor changes, and what it masked in them
return args switch
{
    ["measure", var directory] => Scale.Measure(directory),
    ["policy"] => PolicySpeed.Run(),
    ["scale", .. var directories] => Scale.Run(directories),
    ["redaction", _, ..] => RedactionRate.Run(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Copilot.Benchmarks scale [DIR...] | policy | redaction DIR...");
    return 2;
}
