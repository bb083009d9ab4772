//! Which kinds the cluster serves, and under which paths.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kube::{
    Client, Discovery,
    core::GroupVersionKind,
    discovery::{ApiResource, Scope},
};
use tokio::sync::Mutex;

use super::{Failure, FailureKind};

/// A kind that the cluster serves.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Group, version, kind and plural.
    pub api: ApiResource,
    /// Objects of it live in namespaces.
    pub namespaced: bool,
    /// It can be listed.
    pub listable: bool,
}

/// The cluster's kinds, asked for once and again when a kind is not among them.
#[derive(Clone, Default)]
pub(super) struct Kinds {
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    discovery: Option<Discovery>,
    /// By `apiVersion` and kind: looking one up in the discovery copies every kind of its group, and each
    /// request looks one up.
    resolved: BTreeMap<(String, String), Resource>,
}

impl Kinds {
    /// The kind of that `apiVersion` and name; `None` when the cluster does not serve it.
    pub(super) async fn resolve(
        &self,
        client: &Client,
        api_version: &str,
        kind: &str,
    ) -> Result<Option<Resource>, Failure> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let wanted = GroupVersionKind::gvk(group, version, kind);
        let mut known = self.known.lock().await;
        let name = (api_version.to_owned(), kind.to_owned());
        if let Some(found) = known.resolved.get(&name) {
            return Ok(Some(found.clone()));
        }
        let mut found = known.discovery.as_ref().and_then(|discovery| discovery.resolve_gvk(&wanted));
        if found.is_none() {
            let fresh = discover(client).await?;
            found = fresh.resolve_gvk(&wanted);
            // What was served before may be no more.
            *known = Known { discovery: Some(fresh), resolved: BTreeMap::new() };
        }
        let found = found.map(resource);
        if let Some(found) = &found {
            known.resolved.insert(name, found.clone());
        }
        Ok(found)
    }

    /// Every kind that can be listed, in its preferred version.
    pub(super) async fn listable(&self, client: &Client) -> Result<Vec<Resource>, Failure> {
        let fresh = discover(client).await?;
        Ok(fresh
            .groups()
            .flat_map(kube::discovery::ApiGroup::recommended_resources)
            .map(resource)
            .filter(|resource| resource.listable)
            .collect())
    }
}

/// What a cluster serves, as charts ask for it.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// As in `v1.36.3`.
    pub version: String,
    /// `GROUP/VERSION` and `GROUP/VERSION/KIND`.
    pub kinds: Vec<String>,
}

/// Asks for everything that the cluster serves.
pub(super) async fn served(client: &Client) -> Result<Served, Failure> {
    let unreachable =
        |error: kube::Error| Failure::without_answer(FailureKind::Unreachable, error.to_string());
    let discovery = discover(client).await?;
    let version = client.apiserver_version().await.map_err(unreachable)?.git_version;
    let mut kinds = Vec::new();
    for group in discovery.groups() {
        for version in group.versions() {
            for (resource, _) in group.versioned_resources(version) {
                kinds.extend([
                    resource.api_version.clone(),
                    format!("{}/{}", resource.api_version, resource.kind),
                ]);
            }
        }
    }
    kinds.sort();
    kinds.dedup();
    Ok(Served { version, kinds })
}

async fn discover(client: &Client) -> Result<Discovery, Failure> {
    let limit = Duration::from_secs(15);
    match tokio::time::timeout(limit, Discovery::new(client.clone()).run_aggregated()).await {
        Ok(Ok(discovery)) => Ok(discovery),
        Ok(Err(kube::Error::Api(status))) => {
            let body = serde_json::to_vec(&*status).unwrap_or_default();
            Err(Failure::from_answer(status.code, &body, false))
        }
        Ok(Err(error)) => Err(Failure::without_answer(
            FailureKind::Unreachable,
            format!("the cluster's kinds could not be listed: {error}"),
        )),
        Err(_) => Err(Failure::without_answer(
            FailureKind::TimedOut,
            format!("the cluster's kinds could not be listed in {} s", limit.as_secs()),
        )),
    }
}

fn resource((api, capabilities): (ApiResource, kube::discovery::ApiCapabilities)) -> Resource {
    Resource {
        namespaced: capabilities.scope == Scope::Namespaced,
        listable: capabilities.supports_operation("list"),
        api,
    }
}
