package main

import (
	"context"
	"os"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

// registryServer is an OCI registry over plain HTTP, for charts.
func registryServer() int {
	flags := newFlags()
	listen := flags.String("listen", "", "host and port")
	folder := flags.String("folder", "", "where what is pushed is kept")
	parse(flags)

	// It would send its traces to a collector on this machine, which is not there.
	os.Setenv("OTEL_TRACES_EXPORTER", "none")
	config := &configuration.Configuration{}
	config.HTTP.Addr = *listen
	config.Log.Level = "warn"
	config.Log.AccessLog.Disabled = true
	config.Storage = configuration.Storage{
		"filesystem":  {"rootdirectory": *folder},
		"delete":      {"enabled": true},
		"maintenance": {"uploadpurging": map[any]any{"enabled": false}},
	}
	server, err := registry.NewRegistry(context.Background(), config)
	if err == nil {
		err = server.ListenAndServe()
	}
	return code(err)
}
