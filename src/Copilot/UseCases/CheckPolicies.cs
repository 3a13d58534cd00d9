using Copilot.Core.Policy;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Loads policies and tells what is wrong with each. A directory stands for the .yaml and .yml files in it.</summary>
internal sealed record CheckPolicies(IReadOnlyList<string> Paths) : IRequest<IReadOnlyList<CheckedPolicy>>;

/// <param name="Policy">Null when it cannot be used.</param>
/// <param name="Faults">Each with file and line.</param>
internal sealed record CheckedPolicy(string File, PolicyDocument? Policy, IReadOnlyList<string> Warnings, IReadOnlyList<string> Faults);

internal sealed class CheckPoliciesHandler : IRequestHandler<CheckPolicies, IReadOnlyList<CheckedPolicy>>
{
    public Task<IReadOnlyList<CheckedPolicy>> Handle(CheckPolicies request, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CheckedPolicy>>([.. request.Paths.SelectMany(Files).DistinctBy(f => f.File).ToList().Select(f => Check(f.File, f.Listed))]);

    /// <param name="listed">Found in a directory and not named.</param>
    private static CheckedPolicy Check(string file, bool listed)
    {
        try
        {
            // A pipe among the files has no length and would be waited for; one that is named is meant.
            if (listed && new FileInfo(file).Length == 0) throw new FileFaultException($"{file}:1: the file is empty. Write it, or take it away.");
            var loaded = PolicyLoader.Load(file);
            return new(file, loaded.Document, loaded.Warnings, []);
        }
        catch (FileFaultException e)
        {
            return new(file, null, [], e.Faults);
        }
    }

    private static IEnumerable<(string File, bool Listed)> Files(string path)
    {
        if (!Directory.Exists(path)) return Path.Exists(path) ? [(path, false)] : throw new BadInputException($"{(path.Length == 0 ? "An empty path" : path)} does not exist. Name a policy file or a directory of them.");
        try
        {
            var files = new DirectoryInfo(path).GetFiles().Where(f => f.Extension is ".yaml" or ".yml").Select(f => Path.Combine(path, f.Name)).Order(StringComparer.Ordinal).ToList();
            return files.Count > 0 ? files.Select(f => (f, true)) : throw new BadInputException($"{path} holds no .yaml or .yml file. Name a policy file or a directory of them.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read ({e.Message}). Mend its permissions.");
        }
    }
}
