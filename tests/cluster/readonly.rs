//! A read-only visit writes nothing: by the API server's audit log, and by the state folder.

use std::path::Path;

use k8s_openapi::api::rbac::v1::ClusterRoleBinding;
use kube::api::{Api, DeleteParams, PostParams};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::objects::{config_map, deployment};
use crate::support::{Cluster, Migration, Terminal, Told, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("readonly::a_visit_writes_nothing", a_visit_writes_nothing),
        trial("readonly::a_first_visit_leaves_no_run", a_first_visit_leaves_no_run),
    ]
}

/// Someone who may do everything, and whom the audit log tells from all others.
struct Visitor {
    name: String,
    cluster: &'static Cluster,
}

impl Visitor {
    async fn invite(cluster: &'static Cluster, name: &str) -> Self {
        let bindings: Api<ClusterRoleBinding> = Api::all(cluster.client());
        let binding = json!({
            "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}],
        });
        bindings.create(&PostParams::default(), &serde_json::from_value(binding).unwrap()).await.unwrap();
        Self { name: name.to_owned(), cluster }
    }

    /// What they asked of the API server, as `verb resource`.
    fn requests(&self) -> Vec<String> {
        let of_them =
            |event: &Value| event["impersonatedUser"]["username"].as_str() == Some(self.name.as_str());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let events = self.cluster.audit_events();
        let told =
            |event: &Value| format!("{} {}", text(&event["verb"]), text(&event["objectRef"]["resource"]));
        events.iter().filter(|event| of_them(event)).map(told).collect()
    }

    /// Fails unless the visit is in the audit log and all of it is reading.
    async fn expect_only_reads(&self) {
        // The log is written in batches: what is asked for last shows that all before it is there.
        let reviews: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(self.as_them().await);
        let mark = format!("mark-{}", self.name);
        reviews.get_opt(&mark).await.unwrap();
        wait_until("the last request in the audit log", || async {
            let events = self.cluster.audit_events();
            let is_there = events.iter().any(|event| event["objectRef"]["name"] == mark.as_str());
            if is_there { Ok(()) } else { Err(format!("{} events", events.len())) }
        })
        .await;
        let requests = self.requests();
        assert!(requests.iter().any(|request| request == "get deployments"), "{requests:?}");
        let is_allowed = |request: &&String| {
            let (verb, resource) = request.split_once(' ').unwrap();
            matches!(verb, "get" | "list" | "watch") || (verb == "create" && is_self_review(resource))
        };
        let writes: Vec<&String> = requests.iter().filter(|request| !is_allowed(request)).collect();
        assert!(writes.is_empty(), "{writes:?}");
    }

    async fn as_them(&self) -> kube::Client {
        let kubeconfig = kube::config::Kubeconfig::read_from(self.cluster.kubeconfig()).unwrap();
        let options = kube::config::KubeConfigOptions::default();
        let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
        config.auth_info.impersonate = Some(self.name.clone());
        kube::Client::try_from(config).unwrap()
    }

    async fn told(&self, migration: &Migration, arguments: &[&str]) -> Told {
        migration.told(&[arguments, &["--read-only", "--as", &self.name]].concat()).await
    }

    async fn leave(self) {
        let bindings: Api<ClusterRoleBinding> = Api::all(self.cluster.client());
        bindings.delete(&self.name, &DeleteParams::default()).await.unwrap();
    }
}

fn is_self_review(resource: &str) -> bool {
    ["selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"].contains(&resource)
}

/// Every file of a state folder but the logs, with its content.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "logs") {
                folders.push(path);
            } else if path.is_file() {
                found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

async fn a_visit_writes_nothing(cluster: &'static Cluster) {
    let place = cluster.namespace("visited").await;
    let visitor = Visitor::invite(cluster, "readonly-visitor").await;
    let manual = "manual: {instructions: [Look]}";
    let migration = Migration::new(cluster, place.name(), &[("web", ""), ("listed", manual)]);
    migration
        .write("web", &[deployment("web", "registry.example/web:1", &[])])
        .apply("week-1/web")
        .await
        .expect(0);
    let changed = [deployment("web", "registry.example/web:2", &[]), config_map("new", json!({"a": "b"}))];
    migration.write("web", &changed);
    let before = files(&migration.home.state());

    let shown = visitor.told(&migration, &["plan", "week-1"]).await.expect(3);
    assert_eq!(shown.changes(), ["create ConfigMap/new", "change Deployment/web"]);
    assert_eq!(shown.report["proposals"][0]["validated"], false);
    let text = migration.run(&["plan", "week-1", "--read-only", "--as", "readonly-visitor"]).await;
    assert!(text.stdout.contains("not validated"), "{text:?}");
    visitor.told(&migration, &["verify", "week-1/web"]).await.expect(6);
    visitor.told(&migration, &["status"]).await.expect_one_of(&[0, 10, 11]);
    for refused in [
        &["apply", "week-1", "--approve", "0123456789ab"][..],
        &["rollback", "week-1"],
        &["rollback", "week-1", "--approve", "0123456789ab"],
        &["prune", "week-1/web"],
        &["resume", "week-1/web"],
        &["abandon", "week-1/web"],
        &["tick", "week-1/listed"],
        &["skip", "week-1/listed", "--note", "no"],
        &["defer", "week-1/listed", "--note", "no"],
        &["reopen", "week-1/listed"],
        &["note", "week-1/listed", "--note", "no"],
    ] {
        visitor.told(&migration, refused).await.expect(5);
    }

    let mut cockpit =
        Terminal::open(&migration.home, migration.arguments(&["--read-only", "--as", "readonly-visitor"]));
    cockpit.wait_for("READ-ONLY");
    cockpit.wait_for("live");
    cockpit.wait_for("web");
    cockpit.press("gd");
    cockpit.wait_for("not validated");
    // On the stage and on each step: every key of the keymap's steps, and every way to say yes.
    for _ in 0..4 {
        cockpit.press("ay\rry\t\rPy\rvxRy\rAy\rtn\rsn\rDn\ron\rnn\r");
        cockpit.press("j");
    }
    // The last key shows when all before it are taken.
    cockpit.press("?");
    cockpit.wait_for("Moving about");
    drop(cockpit);

    assert_eq!(files(&migration.home.state()), before, "the run's folder is as it was");
    visitor.expect_only_reads().await;
    visitor.leave().await;
    let live = crate::support::objects::live(&cluster.kubeconfig(), place.name(), "deployment/web").await;
    assert_eq!(live["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/web:1");
}

async fn a_first_visit_leaves_no_run(cluster: &'static Cluster) {
    let place = cluster.namespace("first-visit").await;
    let migration = Migration::new(cluster, place.name(), &[("web", "")]);
    migration.write("web", &[config_map("new", json!({"a": "b"}))]);
    migration.told(&["plan", "week-1", "--read-only"]).await.expect(3);
    migration.told(&["status", "--read-only"]).await.expect_one_of(&[0, 10, 11]);
    migration.told(&["apply", "week-1", "--read-only", "--new-run"]).await.expect(3);
    assert_eq!(files(&migration.home.state()), [], "not even the beginning of a run");
}
