using Copilot.Benchmarks;

// Figures, not tests: how long an investigation takes beside `wc -l` over the same files in the same run, and how much memory.
//   scale [DIR...]   each snapshot; without one, simulated ones of four sizes
//   policy           how long a decision takes by policies of 10 to 1,000 rules
//   measure DIR      one investigation in this process (used by scale, so that each has a fresh process)
//   redaction DIR... how many ordinary texts the redactor changes, and what it masked in them
//   validate DIR...  which recordings keep to the format and to physics, and how long it takes to tell
//   receipts         how fast receipts become durable and are verified, what a recorded call costs, and the room they take; with "verify" that alone
//   proofs [LEAVES]  how long proofs take from tiles and from all leaves (1,000,000)
//   serve            how fast the HTTP interface starts and answers, and its memory
//   simulate DIR     one simulated incident of every kind of fault, to be validated
return args switch
{
    ["measure", var directory] => Scale.Measure(directory),
    ["receipts", .. var only] => ReceiptSpeed.Run(only),
    ["proofs", .. var leaves] => ProofSpeed.Run(leaves),
    ["serve"] => await ServeLoad.Run(),
    ["policy"] => PolicySpeed.Run(),
    ["scale", .. var directories] => Scale.Run(directories),
    ["redaction", _, ..] => RedactionRate.Run(args[1..]),
    ["validate", _, ..] => Validation.Run(args[1..]),
    ["simulate", var directory] => Validation.Simulate(directory),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Copilot.Benchmarks scale [DIR...] | policy | receipts [verify] | proofs [LEAVES] | serve | redaction DIR... | validate DIR... | simulate DIR");
    return 2;
}
