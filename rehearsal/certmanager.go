// What the issuers' servers are certified by is said with --acme-ca-file, the system's roots notwithstanding.
//
//go:debug x509usefallbackroots=1
package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/controller"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/ingresses"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/acme"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/metrics"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	"github.com/cert-manager/cert-manager/pkg/logs"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/tools/clientcmd"
)

const workers = 2

// certManager is cert-manager's controller, whose own main is not in its module: the controllers that
// its chart enables, but for those of signers that nobody has here. Its webhook and its CA injector are
// not there: the kinds name no conversion, so what is missing is the refusal of an object that makes no
// sense, and the note of who asked for a certificate.
//
// It waits until its kinds are there, which a chart brings later. When all of them are gone again it
// starts anew, in the same process, and waits again.
func certManager() int {
	flags := newFlags()
	kubeconfig := flags.String("kubeconfig", "", "the cluster")
	namespace := flags.String("cluster-resource-namespace", "cert-manager", "where a ClusterIssuer's secrets are")
	proxy := flags.String("proxy", "", "which stands for the world outside")
	roots := flags.String("acme-ca-file", "", "what certifies the ACME servers behind it")
	parse(flags)

	if err := trustOnly(*roots); err != nil {
		return code(err)
	}
	// Before the first request, which is when Go looks. What is on loopback does not go through it.
	os.Setenv("HTTP_PROXY", *proxy)
	os.Setenv("HTTPS_PROXY", *proxy)
	ctx := logs.NewContext(context.Background(), logs.Log, "cert-manager")
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return code(err)
	}
	kinds, err := followKinds(ctx, config)
	if err != nil {
		return code(err)
	}
	kinds.waitFor(func(established int) bool { return established == len(certManagerKinds) })
	ended, err := runControllers(ctx, certManagerOptions(*kubeconfig, *namespace))
	if err != nil {
		return code(err)
	}
	go func() {
		kinds.waitFor(func(established int) bool { return established == 0 })
		ended <- nil
	}()
	if err := <-ended; err != nil {
		return code(err)
	}
	program, err := os.Executable()
	if err == nil {
		err = syscall.Exec(program, os.Args, os.Environ())
	}
	return code(err)
}

// trustOnly makes what is in the file this process's roots, and nothing else.
func trustOnly(file string) error {
	pem, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return errors.New(file + ": no certificate")
	}
	x509.SetFallbackRoots(pool)
	return nil
}

func certManagerOptions(kubeconfig, namespace string) controller.ContextOptions {
	return controller.ContextOptions{
		Kubeconfig:         kubeconfig,
		KubernetesAPIQPS:   200,
		KubernetesAPIBurst: 400,
		IssuerOptions:      controller.IssuerOptions{ClusterResourceNamespace: namespace},
		ACMEOptions: controller.ACMEOptions{
			// The solver's pods are simulated.
			HTTP01SolverImage:                 "rehearsal.invalid/acmesolver",
			HTTP01SolverResourceRequestCPU:    resource.MustParse("10m"),
			HTTP01SolverResourceRequestMemory: resource.MustParse("64Mi"),
			HTTP01SolverResourceLimitsCPU:     resource.MustParse("100m"),
			HTTP01SolverResourceLimitsMemory:  resource.MustParse("64Mi"),
			ACMEHTTP01SolverRunAsNonRoot:      true,
			DNS01CheckRetryPeriod:             10 * time.Second,
		},
		IngressShimOptions: controller.IngressShimOptions{
			DefaultIssuerKind:                 "Issuer",
			DefaultIssuerGroup:                "cert-manager.io",
			DefaultAutoCertificateAnnotations: []string{"kubernetes.io/tls-acme"},
		},
		CertificateOptions: controller.CertificateOptions{
			CopiedAnnotationPrefixes: []string{"*", "-kubectl.kubernetes.io/", "-fluxcd.io/", "-argocd.argoproj.io/"},
			// An hour and more on a real cluster.
			CertificateRequestMinimumBackoffDuration: 5 * time.Second,
			CertificateRequestMaximumBackoffDuration: time.Minute,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: 60},
	}
}

// runControllers starts every controller that is imported above; the first that ends says why.
func runControllers(ctx context.Context, options controller.ContextOptions) (chan error, error) {
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return nil, err
	}
	var controllers []controller.Interface
	for name, construct := range controller.Known() {
		built, err := construct(factory)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		controllers = append(controllers, built)
	}
	shared, err := factory.Build()
	if err != nil {
		return nil, err
	}
	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	shared.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	ended := make(chan error, len(controllers)+1)
	for _, one := range controllers {
		go func() { ended <- one.Run(workers, ctx) }()
	}
	fmt.Fprintln(os.Stderr, "cert-manager:", len(controllers), "controllers run")
	return ended, nil
}
