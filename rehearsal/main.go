// Command rehearsal is a real Kubernetes control plane, and what a stack's migration meets around
// it, in one multi-call binary.
//
// The first argument (or the name it is started by) picks the part; the rest are that part's own
// flags. Every part but the tools lives as long as its standard input: at end of input it exits, so that nothing
// outlives the process that booted it, however that one died.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kwokconfig "sigs.k8s.io/kwok/pkg/config"
	kwokcmd "sigs.k8s.io/kwok/pkg/kwok/cmd"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
	kwoksignals "sigs.k8s.io/kwok/pkg/utils/signals"
	metricsserver "sigs.k8s.io/metrics-server/cmd/metrics-server/app"
)

// parts are the programs in this binary that run as long as the cluster. A new one is a line here.
var parts = map[string]func() int{
	"etcd":                    func() int { etcdmain.Main(os.Args); return 0 },
	"kube-apiserver":          func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) },
	"kube-scheduler":          func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
	"kwok":                    kwok,
	"registry":                registryServer,
	"pebble":                  pebble,
	"cert-manager":            certManager,
	"metrics-server": func() int {
		return code(metricsserver.NewMetricsServerCommand(genericapiserver.SetupSignalHandler()).Execute())
	},
}

// tools are the programs in this binary that are run for what they do or say, and then end.
var tools = map[string]func() int{
	"helm":      helm,
	"manifests": manifests,
}

func main() {
	if !known(os.Args[0]) && len(os.Args) > 1 {
		os.Args = os.Args[1:]
	}
	name := filepath.Base(os.Args[0])
	if tool := tools[name]; tool != nil {
		os.Exit(tool())
	}
	part := parts[name]
	if part == nil {
		names := slices.Sorted(maps.Keys(parts))
		fmt.Fprintln(os.Stderr, "usage: rehearsal PART|TOOL [flags]; parts:", names, "tools:", slices.Sorted(maps.Keys(tools)))
		os.Exit(2)
	}
	exitAtEndOfInput()
	os.Exit(part())
}

func known(program string) bool {
	name := filepath.Base(program)
	return parts[name] != nil || tools[name] != nil
}

// exitAtEndOfInput ties this process to whoever holds the other end of its standard input.
// The kernel closes that end when the holder dies, kill -9 included.
func exitAtEndOfInput() {
	go func() {
		buffer := make([]byte, 1)
		for {
			if _, err := os.Stdin.Read(buffer); err != nil {
				os.Exit(0)
			}
		}
	}()
}

func kwok() int {
	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	ctx := kwoksignals.SetupSignalContext()
	ctx, _ = kwoklog.InitFlags(ctx, flags)
	ctx, err := kwokconfig.InitFlags(ctx, flags)
	if err != nil {
		return code(err)
	}
	command := kwokcmd.NewCommand(ctx)
	// component-base registers a --version on the global flag set that cobra's own would collide with.
	command.Version = ""
	command.PersistentFlags().AddFlagSet(flags)
	return code(command.ExecuteContext(ctx))
}

// newFlags are the flags of a part of ours; the global ones are full of other parts' flags.
func newFlags() *pflag.FlagSet {
	return pflag.NewFlagSet(os.Args[0], pflag.ExitOnError)
}

func parse(flags *pflag.FlagSet) {
	// It exits by itself when it fails.
	_ = flags.Parse(os.Args[1:])
}

func code(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
