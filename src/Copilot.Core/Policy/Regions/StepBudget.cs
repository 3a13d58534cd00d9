namespace Copilot.Core.Policy.Regions;

/// <summary>How much may be gone through: of steps and not of time, so that a slow machine finds the same.</summary>
public sealed class StepBudget
{
    /// <summary>A few seconds.</summary>
    private const int Usual = 400_000;

    private int _left = Usual;

    internal void Take()
    {
        if (--_left < 0) throw new PolicyTooLargeException($"after {Usual} steps it is not through");
    }
}
