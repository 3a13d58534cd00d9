using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Bench.Baselines;

/// <summary>"Who fails most?": the workload (where none is known, the service) whose share of failed requests grew most from the first half of the recording to the second.</summary>
internal static class ErrorIncrease
{
    // Less than this is the noise of any system.
    private const double Least = 0.02;

    public static EntityRef? Find(SignalSet signals)
    {
        var map = new ServiceMap(signals);
        return (from service in SymptomDetector.BestSource(signals)
                let entity = service.Workload ?? map.EntityOf(service.Service)
                let increase = Increase(service)
                where increase > Least
                orderby increase descending, service.Service
                select entity).FirstOrDefault();
    }

    private static double Increase(ServiceTraffic service)
    {
        var middle = service.Calls.Length / 2;
        return Share(service, middle..) - Share(service, ..middle);
    }

    /// <summary>Failed requests by all requests; 0 where there were none.</summary>
    private static double Share(ServiceTraffic service, Range half)
    {
        var calls = Sum(service.Calls[half]);
        return calls > 0 ? Sum(service.Errors[half]) / calls : 0;
    }

    private static double Sum(double[] perStep) => perStep.Where(double.IsFinite).Sum();
}
