namespace Copilot.Core.Actions;

/// <summary>Patterns in which <c>*</c> stands for any run of characters but <c>/</c>, and everything else for itself.</summary>
public static class Glob
{
    /// <summary>Goes back to the last star only, so the time is at most the product of the lengths (R. Cox, "Glob matching can be simple and fast too").</summary>
    public static bool IsMatch(string pattern, string text)
    {
        var (p, t, star, resume) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, resume, p) = (p, t, p + 1);
            else if (p < pattern.Length && pattern[p] == text[t]) (p, t) = (p + 1, t + 1);
            else if (star >= 0 && text[resume] != '/') (p, t, resume) = (star + 1, resume + 1, resume + 1);
            else return false;
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
