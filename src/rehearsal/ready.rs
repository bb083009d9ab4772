//! What "ready" means for the cluster and for each of its parts.

use std::path::Path;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::api::{Api, DynamicObject, ListParams};
use kube::core::ApiResource;
use kube::{Client, ResourceExt};
use serde_json::Value;
use tokio::net::TcpStream;

use super::error::BootError;
use super::wait::{Look, until};

/// Each takes a second or two on a quiet machine, and a minute on one that does ten other things.
const LIMIT: Duration = Duration::from_mins(2);

/// Something listens on this port of loopback.
pub(super) async fn listening(port: u16, logs: &Path) -> Result<(), BootError> {
    until("etcd's port", LIMIT, logs, || async move {
        Look::from_result(TcpStream::connect(("127.0.0.1", port)).await.map(drop))
    })
    .await
}

/// The API server answers, and says that it is ready.
pub(super) async fn serving(client: &Client, logs: &Path) -> Result<(), BootError> {
    until("kube-apiserver's /readyz", LIMIT, logs, || async {
        match http::Request::get("/readyz").body(Vec::new()) {
            Ok(request) => Look::from_result(client.request_text(request).await.map(drop)),
            Err(error) => Look::NotYet(error.to_string()),
        }
    })
    .await
}

/// kwok's kinds can be used.
pub(super) async fn kinds(client: &Client, logs: &Path) -> Result<(), BootError> {
    let kinds = Api::all_with(client.clone(), &ApiResource::erase::<CustomResourceDefinition>(&()));
    until("the establishing of kwok's kinds", LIMIT, logs, || {
        all(&kinds, 1, |kind| has_condition(kind, "Established"))
    })
    .await
}

/// All nodes can be scheduled on: ready, and no longer tainted for not having been ready before.
pub(super) async fn nodes(client: &Client, count: usize, logs: &Path) -> Result<(), BootError> {
    let nodes = Api::all_with(client.clone(), &ApiResource::erase::<Node>(&()));
    until("the simulated nodes' getting ready", LIMIT, logs, || {
        all(&nodes, count, |node| {
            has_condition(node, "Ready") && node.data.pointer("/spec/taints").is_none_or(is_empty)
        })
    })
    .await
}

/// Pods can be created in the namespace `default`.
pub(super) async fn service_account(client: &Client, logs: &Path) -> Result<(), BootError> {
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), "default");
    until("the default service account", LIMIT, logs, || async {
        Look::from_result(accounts.get("default").await.map(drop))
    })
    .await
}

/// Every aggregated API is served, without which discovery fails and no namespace can be deleted.
pub(super) async fn metrics(client: &Client, logs: &Path) -> Result<(), BootError> {
    let services = Api::all_with(client.clone(), &ApiResource::erase::<APIService>(&()));
    until("the metrics API", LIMIT, logs, || all(&services, 1, |service| has_condition(service, "Available")))
        .await
}

/// Looks whether there are that many objects and all of them satisfy the condition.
async fn all(
    objects: &Api<DynamicObject>,
    at_least: usize,
    condition: impl Fn(&DynamicObject) -> bool,
) -> Look<()> {
    let list = match objects.list(&ListParams::default()).await {
        Ok(list) => list.items,
        Err(error) => return Look::NotYet(error.to_string()),
    };
    match list.iter().find(|object| !condition(object)) {
        Some(object) => Look::NotYet(format!("{} is not", object.name_any())),
        None if list.len() < at_least => Look::NotYet(format!("{} of {at_least} are there", list.len())),
        None => Look::Done(()),
    }
}

fn has_condition(object: &DynamicObject, name: &str) -> bool {
    let conditions = object.data.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|one| {
        let field = |field: &str| one.get(field).and_then(Value::as_str);
        field("type") == Some(name) && field("status") == Some("True")
    })
}

fn is_empty(list: &Value) -> bool {
    list.as_array().is_none_or(Vec::is_empty)
}
