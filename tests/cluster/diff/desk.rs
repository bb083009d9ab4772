//! A step looked at by one identity in one namespace.

use std::collections::BTreeMap;
use std::time::Duration;

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use migrate_tui::cluster::{
    ConnectOptions, Connection, Inventory, Planner, PrepareRequest, Prepared, Promised, Reader,
    prepare_apply, prepare_local, prepare_prune, recheck,
};
use migrate_tui::diff::{ClusterIdentity, Problem, Row};
use migrate_tui::object::{Digester, Object};
use migrate_tui::plan::{Action, Confirmation, Environment, EnvironmentName, Step};
use migrate_tui::rehearsal::Identity;
use serde_json::Value;

use crate::support::Cluster;

pub struct Desk {
    connection: Connection,
    identity: ClusterIdentity,
    environment: Environment,
    pub step: Step,
    digester: Digester,
}

impl Desk {
    pub async fn new(cluster: &Cluster, namespace: &str) -> Self {
        Self::of(cluster, namespace, Identity::Admin).await
    }

    pub async fn of(cluster: &Cluster, namespace: &str, identity: Identity) -> Self {
        let options = ConnectOptions {
            kubeconfig: Some(cluster.kubeconfig()),
            context: Some(identity.context().to_owned()),
            impersonate: None,
        };
        let connection = Connection::open(&options).await.unwrap();
        Self {
            identity: connection.identity(namespace).await.unwrap(),
            connection,
            environment: Environment {
                name: EnvironmentName("staging".to_owned()),
                namespace: namespace.to_owned(),
                context: None,
                confirmation: Confirmation::Button,
                variables: BTreeMap::new(),
            },
            step: Step {
                path: "week-1/overlay".parse().unwrap(),
                title: String::new(),
                description: String::new(),
                action: Action::Manifests { paths: Vec::new() },
                gates: Vec::new(),
                deadline: Duration::from_mins(1),
                inventory: "stack".to_owned(),
                allow_replace: false,
                acknowledged: Vec::new(),
                only_in: None,
                later: None,
                requires: Vec::new(),
            },
            digester: Digester::new([7; 32]),
        }
    }

    fn request(&self, rendered: Vec<Value>, inventory: Inventory) -> PrepareRequest<'_> {
        PrepareRequest {
            environment: &self.environment,
            step: &self.step,
            rendered: rendered.into_iter().map(Object).collect(),
            renderer: None,
            digester: &self.digester,
            cluster: self.identity.clone(),
            context: self.connection.context(),
            inventory,
            promised: Promised::default(),
        }
    }

    fn planner(&self) -> Planner {
        Planner::new(self.connection.clone())
    }

    pub async fn look(&self, rendered: Vec<Value>) -> Prepared {
        prepare_apply(&self.planner(), &self.request(rendered, Inventory::default())).await.unwrap()
    }

    pub async fn look_locally(&self, rendered: Vec<Value>) -> Prepared {
        let reader = Reader::new(self.connection.clone());
        prepare_local(&reader, &self.request(rendered, Inventory::default())).await.unwrap()
    }

    pub async fn prune(&self, rendered: Vec<Value>, inventory: Inventory) -> Result<Prepared, Vec<Problem>> {
        prepare_prune(self.planner().reader(), &self.request(rendered, inventory)).await
    }

    pub async fn recheck(&self, prepared: &Prepared) -> Result<(), String> {
        recheck(self.planner().reader(), &prepared.images).await
    }

    /// Server-side apply by a manager, with force, in the desk's namespace.
    pub async fn apply_as(&self, manager: &str, object: &Value) -> DynamicObject {
        let parameters = PatchParams::apply(manager).force();
        self.api(object).patch(name(object), &parameters, &Patch::Apply(object)).await.unwrap()
    }

    /// What `kubectl edit` does.
    pub async fn merge_as(&self, manager: &str, object: &Value, patch: Value) -> DynamicObject {
        let parameters = PatchParams { field_manager: Some(manager.to_owned()), ..PatchParams::default() };
        self.api(object).patch(name(object), &parameters, &Patch::Merge(&patch)).await.unwrap()
    }

    pub async fn scale_as(&self, manager: &str, object: &Value, replicas: u32) {
        let parameters = PatchParams { field_manager: Some(manager.to_owned()), ..PatchParams::default() };
        let patch = serde_json::json!({"spec": {"replicas": replicas}});
        self.api(object).patch_scale(name(object), &parameters, &Patch::Merge(&patch)).await.unwrap();
    }

    pub fn api(&self, object: &Value) -> Api<DynamicObject> {
        let version = object["apiVersion"].as_str().unwrap();
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        let kind = GroupVersionKind::gvk(group, version, object["kind"].as_str().unwrap());
        Api::namespaced_with(
            self.connection.client(),
            &self.environment.namespace,
            &ApiResource::from_gvk(&kind),
        )
    }
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

pub fn row<'a>(prepared: &'a Prepared, name: &str) -> &'a Row {
    let shown = || format!("{name} among {:?}", prepared.proposal);
    prepared
        .proposal
        .rows
        .iter()
        .find(|row| row.key.to_string() == name)
        .unwrap_or_else(|| panic!("{}", shown()))
}

/// The paths of a row's changes.
pub fn paths(row: &Row) -> Vec<&str> {
    row.fields.iter().map(|change| change.path.as_str()).collect()
}
