package main

import (
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/kwok/kustomize/crd"
	metricsresource "sigs.k8s.io/kwok/kustomize/metrics/resource"
	metricsusage "sigs.k8s.io/kwok/kustomize/metrics/usage"
	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	nodeheartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
)

// manifests prints kwok's own YAML, which its module embeds: `manifests crds` the kinds that the
// rehearsal uses, `manifests stages` how nodes and pods live and what their metrics say.
//
// Exec and Attach are left out on purpose: through kwok they would run commands on this host.
func manifests() int {
	sets := map[string][]string{
		"crds": {
			string(crd.Stage), string(crd.Metric), string(crd.Logs), string(crd.ClusterLogs),
			string(crd.PortForward), string(crd.ClusterPortForward),
			string(crd.ResourceUsage), string(crd.ClusterResourceUsage),
		},
		"stages": {
			nodefast.DefaultNodeInit, nodeheartbeat.DefaultNodeHeartbeatWithLease,
			podfast.DefaultPodReady, podfast.DefaultPodComplete, podfast.DefaultPodDelete,
			metricsresource.DefaultMetricsResource, metricsusage.DefaultUsageFromAnnotation,
		},
	}
	if len(os.Args) != 2 || sets[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: rehearsal manifests crds|stages")
		return 2
	}
	fmt.Println(strings.Join(sets[os.Args[1]], "\n---\n"))
	return 0
}
