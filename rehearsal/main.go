// Command rehearsal is a real Kubernetes control plane in one multi-call binary.
//
// The first argument (or the name it is started by) picks the part; the rest are that part's own
// flags. Every part lives as long as its standard input: at end of input it exits, so that nothing
// outlives the process that booted it, however that one died.
package main

import (
	"fmt"
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

// parts are the programs in this binary. A new one (helm, a registry, cert-manager, an ACME server)
// is a line here.
var parts = map[string]func() int{
	"etcd":                    func() int { etcdmain.Main(os.Args); return 0 },
	"kube-apiserver":          func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) },
	"kube-scheduler":          func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
	"kwok":                    kwok,
	"metrics-server": func() int {
		return code(metricsserver.NewMetricsServerCommand(genericapiserver.SetupSignalHandler()).Execute())
	},
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "manifests" {
		os.Exit(manifests(os.Args[2:]))
	}
	part, known := parts[filepath.Base(os.Args[0])]
	if !known && len(os.Args) > 1 {
		os.Args = os.Args[1:]
		part, known = parts[os.Args[0]]
	}
	if !known {
		names := make([]string, 0, len(parts))
		for name := range parts {
			names = append(names, name)
		}
		slices.Sort(names)
		fmt.Fprintln(os.Stderr, "usage: rehearsal PART [flags] | rehearsal manifests crds|stages; parts:", names)
		os.Exit(2)
	}
	exitAtEndOfInput()
	os.Exit(part())
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

func code(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
