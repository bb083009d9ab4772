package main

import (
	"context"
	"sync"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	clientset "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	informers "k8s.io/apiextensions-apiserver/pkg/client/informers/externalversions"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

var certManagerKinds = sets.New(
	"certificaterequests.cert-manager.io",
	"certificates.cert-manager.io",
	"challenges.acme.cert-manager.io",
	"clusterissuers.cert-manager.io",
	"issuers.cert-manager.io",
	"orders.acme.cert-manager.io",
)

// kinds are those of cert-manager's kinds that the API server serves now.
type kinds struct {
	changed     *sync.Cond
	established sets.Set[string]
}

// followKinds watches which of cert-manager's kinds are served.
func followKinds(ctx context.Context, config *rest.Config) (*kinds, error) {
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	known := &kinds{changed: sync.NewCond(&sync.Mutex{}), established: sets.New[string]()}
	informer := informers.NewSharedInformerFactory(client, 0).Apiextensions().V1().CustomResourceDefinitions().Informer()
	if err := informer.SetTransform(withoutSchema); err != nil {
		return nil, err
	}
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(kind any) { known.put(kind) },
		UpdateFunc: func(_, kind any) { known.put(kind) },
		DeleteFunc: func(kind any) { known.remove(kind) },
	})
	if err != nil {
		return nil, err
	}
	go informer.Run(ctx.Done())
	return known, nil
}

// waitFor returns once the number of kinds that are served is right.
func (k *kinds) waitFor(right func(established int) bool) {
	k.changed.L.Lock()
	defer k.changed.L.Unlock()
	for !right(k.established.Len()) {
		k.changed.Wait()
	}
}

func (k *kinds) put(object any) {
	kind, isKind := object.(*apiextensions.CustomResourceDefinition)
	if !isKind || !certManagerKinds.Has(kind.Name) {
		return
	}
	for _, condition := range kind.Status.Conditions {
		if condition.Type == apiextensions.Established && condition.Status == apiextensions.ConditionTrue {
			k.change(func() { k.established.Insert(kind.Name) })
		}
	}
}

func (k *kinds) remove(object any) {
	if name, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
		k.change(func() { k.established.Delete(name) })
	}
}

func (k *kinds) change(change func()) {
	k.changed.L.Lock()
	defer k.changed.L.Unlock()
	change()
	k.changed.Broadcast()
}

// withoutSchema keeps of a kind what is asked of it: schemas are most of what it weighs.
func withoutSchema(object any) (any, error) {
	if kind, isKind := object.(*apiextensions.CustomResourceDefinition); isKind {
		kind.Spec = apiextensions.CustomResourceDefinitionSpec{}
		kind.ManagedFields = nil
	}
	return object, nil
}
