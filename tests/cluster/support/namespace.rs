//! A namespace for one trial, and what is put into it.

use std::fmt::Debug;

use k8s_openapi::api::core::v1 as core;
use kube::api::{Api, DeleteParams, DynamicObject, ObjectMeta, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind, NamespaceResourceScope};
use kube::{Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::run::runtime;
use super::wait_until;

pub struct Namespace {
    client: Client,
    name: String,
}

impl Namespace {
    pub async fn create(client: Client, prefix: &str) -> Self {
        let metadata = ObjectMeta { generate_name: Some(format!("{prefix}-")), ..ObjectMeta::default() };
        Self::made(client, metadata).await
    }

    /// One of a given name.
    pub async fn create_named(client: Client, name: &str) -> Self {
        Self::made(client, ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() }).await
    }

    async fn made(client: Client, metadata: ObjectMeta) -> Self {
        let namespaces: Api<core::Namespace> = Api::all(client.clone());
        let namespace = core::Namespace { metadata, ..core::Namespace::default() };
        let name = namespaces.create(&PostParams::default(), &namespace).await.unwrap().name_any();
        let accounts: Api<core::ServiceAccount> = Api::namespaced(client.clone(), &name);
        wait_until("the namespace's service account", || async {
            accounts.get("default").await.map_err(|error| error.to_string())
        })
        .await;
        Self { client, name }
    }

    /// One that something else made; deleted all the same.
    pub fn existing(client: Client, name: &str) -> Self {
        Self { client, name: name.to_owned() }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + DeserializeOwned + Debug,
    {
        Api::namespaced(self.client.clone(), &self.name)
    }

    /// Applies an object of any namespaced kind, and returns what became of it.
    pub async fn apply(&self, object: Value) -> DynamicObject {
        let mut object: DynamicObject = serde_json::from_value(object).unwrap();
        object.metadata.namespace = Some(self.name.clone());
        let types = object.types.clone().unwrap();
        let (group, version) = types.api_version.split_once('/').unwrap_or(("", &types.api_version));
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &types.kind));
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), &self.name, &resource);
        let parameters = PatchParams::apply("trial").force();
        api.patch(&object.name_any(), &parameters, &Patch::Apply(&object)).await.unwrap()
    }

    /// Applies a small Deployment whose pods have an annotation or two.
    pub async fn deployment(&self, name: &str, replicas: u32, annotations: Value) -> DynamicObject {
        self.apply(json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}, "annotations": annotations},
                    "spec": {"containers": [{
                        "name": "main",
                        "image": "registry.example/main:1",
                        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
                    }]},
                },
            },
        }))
        .await
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let namespaces: Api<core::Namespace> = Api::all(self.client.clone());
        let name = self.name.clone();
        // Not waited for: the next trial has a namespace of its own.
        runtime().spawn(async move { namespaces.delete(&name, &DeleteParams::background()).await });
    }
}
