using Copilot.Engine.Yaml;
using Copilot.Simulator;

namespace Copilot.Bench.Recipes;

/// <summary>Cases that the simulator writes anew whenever they are needed, byte for byte.</summary>
/// <param name="Path">The file as it was named.</param>
/// <param name="Bytes">As they were read.</param>
/// <param name="Simulator">The <see cref="Simulation.Version"/> that the digests are of.</param>
/// <param name="Cases">In the order of the file; their ids are distinct.</param>
public sealed record RecipeFile(string Path, ReadOnlyMemory<byte> Bytes, YamlScalar Simulator, IReadOnlyList<Recipe> Cases);

/// <summary>One case.</summary>
/// <param name="Id">A name that is good for a folder as well.</param>
/// <param name="Options">What is simulated.</param>
/// <param name="Tags">For choosing among cases.</param>
/// <param name="Digest">As <see cref="Simulation.DigestOf"/> gives it; an empty text before it was first computed.</param>
/// <param name="Line">Where it stands in the file.</param>
public sealed record Recipe(string Id, SimulationOptions Options, IReadOnlyList<string> Tags, YamlScalar Digest, int Line);
