namespace Copilot.Core.Policy.Regions;

/// <summary>A policy has more regions than can be gone through.</summary>
/// <param name="why">In words that go on from "the policy is too large to be analysed: ".</param>
public sealed class PolicyTooLargeException(string why) : Exception($"the policy is too large to be analysed: {why}")
{
    public string Why => why;
}
