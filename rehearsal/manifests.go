package main

import (
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/kwok/kustomize/crd"
	metricsresource "sigs.k8s.io/kwok/kustomize/metrics/resource"
	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	nodeheartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
)

// manifests prints kwok's own YAML, which its module embeds: `manifests crds` the kinds that the
// rehearsal uses, `manifests stages` how nodes and pods live and what their metrics say.
//
// Exec, Attach and PortForward are left out on purpose: through kwok they run commands on this host.
func manifests() int {
	arguments := os.Args[1:]
	sets := map[string][]string{
		"crds": {
			string(crd.Stage), string(crd.Metric), string(crd.Logs), string(crd.ClusterLogs),
			string(crd.ResourceUsage), string(crd.ClusterResourceUsage),
		},
		"stages": {
			nodefast.DefaultNodeInit, nodeheartbeat.DefaultNodeHeartbeatWithLease,
			podfast.DefaultPodReady, podfast.DefaultPodComplete, podfast.DefaultPodDelete,
			metricsresource.DefaultMetricsResource,
		},
	}
	if len(arguments) != 1 || sets[arguments[0]] == nil {
		fmt.Fprintln(os.Stderr, "usage: rehearsal manifests crds|stages")
		return 2
	}
	fmt.Println(strings.Join(sets[arguments[0]], "\n---\n"))
	return 0
}
