using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Printing;

/// <summary>The columns of a kind and how a row is made.</summary>
/// <param name="Columns">Names; those that only <c>-o wide</c> shows begin with a plus.</param>
internal sealed record TableColumns(string[] Columns, Func<JsonObject, DateTimeOffset, JsonNode?[]> Row)
{
    private static readonly TableColumns Plain = new(["Name", "Created At"], (o, _) => [o.Name(), o.Text("metadata", "creationTimestamp")]);

    private static readonly Dictionary<string, TableColumns> ByPlural = new()
    {
        ["pods"] = new(["Name", "Ready", "Status", "Restarts", "Age", "+IP", "+Node", "+Nominated Node", "+Readiness Gates"], PodRow.Cells),
        ["deployments"] = new(["Name", "Ready", "Up-to-date", "Available", "Age", "+Containers", "+Images", "+Selector"], WorkloadRows.Deployment),
        ["replicasets"] = new(["Name", "Desired", "Current", "Ready", "Age", "+Containers", "+Images", "+Selector"], WorkloadRows.ReplicaSet),
        ["replicationcontrollers"] = new(["Name", "Desired", "Current", "Ready", "Age", "+Containers", "+Images", "+Selector"], WorkloadRows.ReplicaSet),
        ["statefulsets"] = new(["Name", "Ready", "Age", "+Containers", "+Images"], WorkloadRows.StatefulSet),
        ["daemonsets"] = new(["Name", "Desired", "Current", "Ready", "Up-to-date", "Available", "Node Selector", "Age", "+Containers", "+Images", "+Selector"], WorkloadRows.DaemonSet),
        ["controllerrevisions"] = new(["Name", "Controller", "Revision", "Age"], WorkloadRows.Revision),
        ["jobs"] = new(["Name", "Status", "Completions", "Duration", "Age", "+Containers", "+Images", "+Selector"], WorkloadRows.Job),
        ["cronjobs"] = new(["Name", "Schedule", "Timezone", "Suspend", "Active", "Last Schedule", "Age", "+Containers", "+Images", "+Selector"], WorkloadRows.CronJob),
        ["horizontalpodautoscalers"] = new(["Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"], WorkloadRows.Autoscaler),
        ["poddisruptionbudgets"] = new(["Name", "Min Available", "Max Unavailable", "Allowed Disruptions", "Age"], WorkloadRows.Budget),
        ["services"] = new(["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "+Selector"], ClusterRows.Service),
        ["endpoints"] = new(["Name", "Endpoints", "Age"], ClusterRows.Endpoints),
        ["endpointslices"] = new(["Name", "AddressType", "Ports", "Endpoints", "Age"], ClusterRows.Slice),
        ["ingresses"] = new(["Name", "Class", "Hosts", "Address", "Ports", "Age"], ClusterRows.Ingress),
        ["ingressclasses"] = new(["Name", "Controller", "Parameters", "Age"], ClusterRows.IngressClass),
        ["networkpolicies"] = new(["Name", "Pod-Selector", "Age"], ClusterRows.Policy),
        ["nodes"] = new(["Name", "Status", "Roles", "Age", "Version", "+Internal-IP", "+External-IP", "+OS-Image", "+Kernel-Version", "+Container-Runtime"], ClusterRows.Node),
        ["namespaces"] = new(["Name", "Status", "Age"], ClusterRows.Namespace),
        ["events"] = new(["Last Seen", "Type", "Reason", "Object", "+Subobject", "+Source", "Message", "+First Seen", "+Count", "+Name"], ClusterRows.Event),
        ["configmaps"] = new(["Name", "Data", "Age"], ClusterRows.ConfigMap),
        ["secrets"] = new(["Name", "Type", "Data", "Age"], ClusterRows.Secret),
        ["serviceaccounts"] = new(["Name", "Secrets", "Age"], ClusterRows.ServiceAccount),
        ["resourcequotas"] = new(["Name", "Age", "Request", "Limit"], ClusterRows.Quota),
        ["persistentvolumeclaims"] = new(["Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age", "+VolumeMode"], ClusterRows.Claim),
        ["persistentvolumes"] = new(["Name", "Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass", "VolumeAttributesClass", "Reason", "Age", "+VolumeMode"], ClusterRows.Volume),
        ["storageclasses"] = new(["Name", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"], ClusterRows.StorageClass),
        ["leases"] = new(["Name", "Holder", "Age"], ClusterRows.Lease),
        ["priorityclasses"] = new(["Name", "Value", "Global-Default", "Age", "PreemptionPolicy"], ClusterRows.Priority),
        ["rolebindings"] = new(["Name", "Role", "Age"], ClusterRows.Binding),
        ["clusterrolebindings"] = new(["Name", "Role", "Age"], ClusterRows.Binding),
        ["limitranges"] = new(["Name", "Created At"], Plain.Row),
    };

    public static TableColumns Of(ResourceKind kind) => kind.Group == ResourceKinds.MetricsGroup ? Plain : ByPlural.GetValueOrDefault(kind.Plural, Plain);
}
