//! One namespace, one run in it, and what both came to.

use k8s_openapi::api::core::v1 as core;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, ResourceExt};
use migrate_tui::object::{Object, identity_free};
use serde_json::{Value, json};

use crate::support::objects::{autoscaler, config_map, deployment, namespace, owners};
use crate::support::{Cluster, Migration, Namespace, kubectl, wait_until};

/// What the run is to move.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// Nothing is there, not even the namespace.
    New,
    /// The same, and an autoscaler comes with it, which takes its time to read metrics.
    Scaled,
    /// An older version is there, by a plain `kubectl apply`.
    Adopted,
}

/// What stands in a namespace: the objects without what belongs to one incarnation, and who owns what.
pub type Stand = Vec<(String, Value, Vec<Value>)>;

pub struct Case {
    client: Client,
    namespace: String,
    migration: Migration,
    _made: Option<Namespace>,
}

const KINDS: [(&str, &str, &str); 8] = [
    ("", "v1", "ConfigMap"),
    ("", "v1", "Secret"),
    ("", "v1", "Service"),
    ("", "v1", "ServiceAccount"),
    ("apps", "v1", "Deployment"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler"),
    ("policy", "v1", "PodDisruptionBudget"),
    ("networking.k8s.io", "v1", "NetworkPolicy"),
];

impl Case {
    pub async fn new(cluster: &Cluster, name: &str, stack: Stack) -> Self {
        let made = match stack {
            Stack::New | Stack::Scaled => None,
            Stack::Adopted => Some(cluster.namespace(name).await),
        };
        let namespace_name =
            made.as_ref().map_or_else(|| format!("killed-{name}"), |made| made.name().to_owned());
        let web = ("web", "gates: [rollout: Deployment/web]\nallow_replace: true");
        let steps: &[(&str, &str)] = match stack {
            Stack::New | Stack::Scaled => &[("ground", ""), web],
            Stack::Adopted => &[web],
        };
        let migration = Migration::new(cluster, &namespace_name, steps);
        let mut objects = second_version();
        if stack == Stack::Scaled {
            objects.push(autoscaler("web", 2, 2));
        }
        migration.write("web", &objects);
        match stack {
            Stack::New | Stack::Scaled => {
                migration.write("ground", &[namespace(&namespace_name)]);
            }
            Stack::Adopted => push(cluster, &namespace_name, &first_version()).await,
        }
        Self { client: cluster.client(), namespace: namespace_name, migration, _made: made }
    }

    /// How many entries the journal has.
    pub fn entries(&self) -> u64 {
        self.migration.journal().len() as u64
    }

    /// The command as an operator gives it, killed before that entry.
    pub async fn killed(&self, command: &str, entry: u64) {
        let number = entry.to_string();
        let deadly = ["--die-before-entry", &number];
        let shown = self.migration.told(&[&[command, "week-1"][..], &deadly].concat()).await;
        if shown.output.code != -1 {
            let digest = shown.expect(3).digest();
            let approved = [command, "week-1", "--approve", &digest];
            self.migration.told(&[&approved[..], &deadly].concat()).await.expect(-1);
        }
        assert_eq!(self.entries(), entry - 1, "all before it is kept, and nothing after");
    }

    /// The command as an operator gives it, undisturbed.
    pub async fn whole(&self, command: &str) {
        self.migration.approved(command, "week-1").await.expect(0);
    }

    /// Starts the program again and takes its offer, until all is done.
    pub async fn to_the_end(&self, command: &str) {
        let over = if command == "apply" { "done" } else { "rolled back" };
        for _ in 0..6 {
            let standings = self.standings().await;
            let interrupted = standings.iter().find(|(_, standing)| standing == "interrupted");
            // An apply that is to be taken back is not resumed first.
            let resumes = |step: &str| command == "apply" || self.last_kind(step) == "rollback";
            if let Some((step, _)) = interrupted.filter(|(step, _)| resumes(step)) {
                self.migration.told(&["resume", step]).await.expect(0);
            } else if standings.iter().all(|(_, standing)| standing == over)
                || command == "rollback" && self.told_of_nothing_to_undo().await
            {
                return;
            } else {
                self.migration.approved(command, "week-1").await.expect(0);
            }
        }
        panic!("it comes to no end: {:?}\n{:#?}", self.standings().await, self.migration.journal());
    }

    async fn told_of_nothing_to_undo(&self) -> bool {
        let told = self.migration.told(&["rollback", "week-1"]).await.expect_one_of(&[0, 3]);
        told.report["summary"].as_str().is_some_and(|text| text.contains("changed nothing that could"))
    }

    /// Steps and where they stand, as `status` tells.
    async fn standings(&self) -> Vec<(String, String)> {
        let status = self.migration.told(&["status"]).await.expect_one_of(&[0, 10, 11]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let steps = status.report["stages"][0]["steps"].as_array().unwrap();
        steps.iter().map(|step| (text(&step["step"]), text(&step["standing"]))).collect()
    }

    /// The kind of a step's latest attempt.
    fn last_kind(&self, step: &str) -> String {
        let journal = self.migration.journal();
        let events = journal.iter().rev().map(|entry| &entry["event"]);
        let last = events.into_iter().find(|event| event["type"] == "requested" && event["step"] == step);
        last.map(|event| event["kind"].as_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// What stands in the namespace now.
    pub async fn stand(&self) -> Stand {
        let mut stand = Stand::new();
        let namespaces: Api<core::Namespace> = Api::all(self.client.clone());
        let Some(namespace) = namespaces.get_opt(&self.namespace).await.unwrap() else { return stand };
        stand.push((
            "Namespace".to_owned(),
            json!(namespace.metadata.labels),
            vec![json!(namespace.metadata.deletion_timestamp.is_some())],
        ));
        for (group, version, kind) in KINDS {
            let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
            let api: Api<DynamicObject> =
                Api::namespaced_with(self.client.clone(), &self.namespace, &resource);
            for mut item in api.list(&ListParams::default()).await.unwrap() {
                if item.name_any().starts_with("migrate-tui-") {
                    continue;
                }
                item.types = Some(kube::core::TypeMeta {
                    api_version: resource.api_version.clone(),
                    kind: kind.to_owned(),
                });
                let value = serde_json::to_value(&item).unwrap();
                let mut owners = owners(&value);
                owners.sort_by_key(ToString::to_string);
                stand.push((format!("{kind}/{}", item.name_any()), identity_free(&Object(value)).0, owners));
            }
        }
        let text = serde_json::to_string(&stand).unwrap().replace(&self.namespace, "NAMESPACE");
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until the namespace stands as expected: controllers may have something left to do.
    pub async fn expect(&self, expected: &Stand, entry: u64) {
        wait_until("the same objects with the same owners", || async {
            let stand = self.stand().await;
            if stand == *expected {
                return Ok(());
            }
            let differs = |one: &Stand, other: &Stand| -> Vec<String> {
                one.iter().filter(|item| !other.contains(item)).map(|item| format!("{item:?}")).collect()
            };
            Err(format!(
                "killed before entry {entry}:\nis {:#?}\nshould be {:#?}\n{:#?}",
                differs(&stand, expected),
                differs(expected, &stand),
                self.migration.journal().iter().map(|entry| entry["event"].to_string()).collect::<Vec<_>>()
            ))
        })
        .await;
    }
}

impl Drop for Case {
    fn drop(&mut self) {
        let namespaces: Api<core::Namespace> = Api::all(self.client.clone());
        let name = self.namespace.clone();
        // Not waited for: no other case has this name.
        tokio::spawn(async move { namespaces.delete(&name, &DeleteParams::background()).await });
    }
}

async fn push(cluster: &Cluster, namespace: &str, objects: &[Value]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack.json");
    std::fs::write(&file, json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()).unwrap();
    let arguments = ["apply", "-n", namespace, "-f", file.to_str().unwrap()];
    kubectl(&cluster.kubeconfig(), arguments).await.expect_success();
}

fn secret(value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "stringData": {"password": value}})
}

fn service(target: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": target}]}})
}

/// Cannot be changed, only replaced.
fn release(version: &str) -> Value {
    let mut release = config_map("release", json!({"version": version}));
    release["immutable"] = json!(true);
    release
}

fn first_version() -> Vec<Value> {
    vec![
        config_map("settings", json!({"level": "info", "old": "yes"})),
        release("1"),
        secret("before"),
        service("http"),
        deployment("web", "registry.example/web:1", &[("MODE", "blue"), ("OLD", "yes")]),
    ]
}

fn second_version() -> Vec<Value> {
    vec![
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web"}}),
        config_map("settings", json!({"level": "debug"})),
        release("2"),
        secret("after"),
        service("admin"),
        deployment("web", "registry.example/web:2", &[("MODE", "green"), ("NEW", "yes")]),
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}),
    ]
}
