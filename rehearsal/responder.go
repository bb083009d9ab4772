package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// failure is the label or annotation of a Certificate (the label of an Ingress becomes one) that makes
// its validation fail: `challenge-unanswered` or `challenge-rejected`.
const failure = "rehearsal.migrate-tui/fail"

var (
	acme       = schema.GroupVersion{Group: "acme.cert-manager.io", Version: "v1"}
	challenges = acme.WithResource("challenges")
	orders     = acme.WithResource("orders")
)

// responder answers HTTP-01 challenges in place of the ingress controller and the solver's pod, which
// are only simulated: it is a web server, and a proxy for cert-manager's own look beforehand. As a proxy
// it also leads to the ACME server whoever asks for one of the hosts that this stands for.
type responder struct {
	cluster  dynamic.Interface
	acme     string
	standFor []string
}

func newResponder(config *rest.Config, acme string, standFor []string) (*responder, error) {
	cluster, err := dynamic.NewForConfig(config)
	return &responder{cluster, acme, standFor}, err
}

func (r *responder) ServeHTTP(to http.ResponseWriter, request *http.Request) {
	if request.Method == http.MethodConnect {
		r.connect(to, request)
		return
	}
	token, isChallenge := strings.CutPrefix(request.URL.Path, "/.well-known/acme-challenge/")
	if !isChallenge {
		http.NotFound(to, request)
		return
	}
	key, fails, err := r.answer(request.Context(), hostOf(request), token)
	// Only a proxy is asked with the whole address.
	isSelfCheck := request.URL.IsAbs()
	switch {
	case err != nil:
		http.Error(to, err.Error(), http.StatusBadGateway)
	case key == "" || fails == "challenge-unanswered":
		http.NotFound(to, request)
	case fails == "challenge-rejected" && !isSelfCheck:
		fmt.Fprint(to, "not the key of this challenge")
	default:
		fmt.Fprint(to, key)
	}
}

// connect joins the caller to the ACME server, when it asks for a host that this stands for.
func (r *responder) connect(to http.ResponseWriter, request *http.Request) {
	if !slices.Contains(r.standFor, hostOf(request)) {
		http.Error(to, request.Host+" is not reached from a rehearsal", http.StatusBadGateway)
		return
	}
	server, err := net.Dial("tcp", r.acme)
	if err != nil {
		http.Error(to, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	caller, buffered, err := http.NewResponseController(to).Hijack()
	if err != nil {
		http.Error(to, err.Error(), http.StatusInternalServerError)
		return
	}
	defer caller.Close()
	if _, err := io.WriteString(caller, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	ended := make(chan struct{}, 2)
	join := func(to io.Writer, from io.Reader) {
		_, _ = io.Copy(to, from)
		ended <- struct{}{}
	}
	go join(server, buffered)
	go join(caller, server)
	<-ended
}

// answer returns the key of a challenge, empty when there is no such challenge, and how it is to fail.
func (r *responder) answer(ctx context.Context, host, token string) (key, fails string, err error) {
	found, err := r.cluster.Resource(challenges).List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", "", err
	}
	for _, challenge := range found.Items {
		if specOf(challenge, "token") == token && specOf(challenge, "dnsName") == host {
			fails, err := r.failureOf(ctx, challenge)
			return specOf(challenge, "key"), fails, err
		}
	}
	return "", "", nil
}

// failureOf asks the challenge's order, which carries the certificate's labels and annotations.
func (r *responder) failureOf(ctx context.Context, challenge unstructured.Unstructured) (string, error) {
	owner := metav1.GetControllerOf(&challenge)
	if owner == nil {
		return "", nil
	}
	order, err := r.cluster.Resource(orders).Namespace(challenge.GetNamespace()).Get(ctx, owner.Name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	if annotated := order.GetAnnotations()[failure]; annotated != "" {
		return annotated, nil
	}
	return order.GetLabels()[failure], nil
}

func specOf(challenge unstructured.Unstructured, field string) string {
	value, _, _ := unstructured.NestedString(challenge.Object, "spec", field)
	return value
}

func hostOf(request *http.Request) string {
	if host, _, err := net.SplitHostPort(request.Host); err == nil {
		return host
	}
	return request.Host
}

func splitAddress(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	return host, port, err
}
