package main

import (
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
	"k8s.io/client-go/tools/clientcmd"
)

// pebble is an ACME server that validates for real, and the world that it validates in: names that
// all lead to this machine, and a web server there that has the cluster's HTTP-01 answers.
//
// What it issues is worth nothing: its root is made anew each time. The root is written to a file
// once everything listens, so whoever sees the file can start.
func pebble() int {
	flags := newFlags()
	listen := flags.String("listen", "", "host and port of the ACME server")
	certificate := flags.String("tls-cert-file", "", "its certificate")
	key := flags.String("tls-private-key-file", "", "its key")
	names := flags.String("names", "", "host and port of the name server, over TCP")
	answers := flags.String("answers", "", "host and port of the web server, which is a proxy too")
	standFor := flags.StringSlice("in-place-of", nil, "hosts that the ACME server answers for, through the proxy")
	kubeconfig := flags.String("kubeconfig", "", "where the challenges are")
	rootFile := flags.String("root-file", "", "where the root of what is issued is written to")
	parse(flags)

	logger := log.New(os.Stdout, "pebble ", log.LstdFlags)
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return code(err)
	}
	responder, err := newResponder(config, *listen, *standFor)
	if err != nil {
		return code(err)
	}
	_, answersPort, err := splitAddress(*answers)
	if err != nil {
		return code(err)
	}
	// Pebble teaches clients patience: it waits before it validates, refuses good nonces and now and then
	// does without a validation. Here an issuance takes the same short way each time.
	os.Setenv("PEBBLE_VA_NOSLEEP", "1")
	os.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	os.Setenv("PEBBLE_AUTHZREUSE", "0")
	store := db.NewMemoryStore()
	profiles := map[string]ca.Profile{"default": {Description: "the only one"}}
	authority := ca.New(logger, store, "", "ecdsa", 0, 1, profiles)
	validation := va.New(logger, answersPort, answersPort, false, *names, store)
	front := wfe.New(logger, store, validation, authority, []string{"pebble.letsencrypt.org"}, false, false, 1, 1)

	ended := make(chan error)
	listeners := map[string]func(net.Listener) error{
		*listen: func(on net.Listener) error {
			return http.ServeTLS(on, asLetsEncrypt(front.Handler()), *certificate, *key)
		},
		*answers: func(on net.Listener) error { return http.Serve(on, responder) },
		*names: func(on net.Listener) error {
			return dns.ActivateAndServe(on, nil, dns.HandlerFunc(everyNameIsHere))
		},
	}
	for address, serve := range listeners {
		on, err := net.Listen("tcp", address)
		if err != nil {
			return code(err)
		}
		go func() { ended <- serve(on) }()
	}
	if err := writeWhole(*rootFile, authority.GetRootCert(0).PEM()); err != nil {
		return code(err)
	}
	return code(<-ended)
}

// asLetsEncrypt serves the directory where Let's Encrypt has it, too. Whatever else there is, the
// directory tells.
func asLetsEncrypt(pebble http.Handler) http.Handler {
	return http.HandlerFunc(func(to http.ResponseWriter, request *http.Request) {
		if request.URL.Path == "/directory" {
			request.URL.Path = wfe.DirectoryPath
		}
		pebble.ServeHTTP(to, request)
	})
}

// everyNameIsHere answers that a name's address is this machine's loopback, whatever the name.
func everyNameIsHere(to dns.ResponseWriter, question *dns.Msg) {
	answer := new(dns.Msg).SetReply(question)
	for _, asked := range question.Question {
		if asked.Qtype == dns.TypeA {
			header := dns.RR_Header{Name: asked.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}
			answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: net.IPv4(127, 0, 0, 1)})
		}
	}
	to.WriteMsg(answer)
}

// writeWhole writes a file that nobody ever sees half written.
func writeWhole(path string, content []byte) error {
	partly := filepath.Join(filepath.Dir(path), "."+filepath.Base(path))
	if err := os.WriteFile(partly, content, 0o600); err != nil {
		return err
	}
	return os.Rename(partly, path)
}
