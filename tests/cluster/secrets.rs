//! A canary Secret value, plain and in base64, is found nowhere that we write or show.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::objects::config_map;
use crate::support::{Cluster, Migration, Output, Terminal, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("secrets::values_are_nowhere", values_are_nowhere),
        trial("secrets::a_refused_value_is_nowhere", a_refused_value_is_nowhere),
        trial("secrets::a_killed_run_leaves_no_value", a_killed_run_leaves_no_value),
        trial("secrets::the_cockpit_shows_no_value", the_cockpit_shows_no_value),
    ]
}

/// A value that is nowhere else in the world.
struct Canary(String);

impl Canary {
    fn new() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).unwrap();
        Self(format!("canary-{}", hex::encode(bytes)))
    }

    fn encoded(&self) -> String {
        STANDARD.encode(&self.0)
    }

    /// Fails when the value, or half of it, is in the text.
    #[track_caller]
    fn expect_absent(&self, place: &str, text: &str) {
        let encoded = self.encoded();
        let (first, second) = self.0.split_at(self.0.len() / 2);
        let (first_encoded, second_encoded) = encoded.split_at(encoded.len() / 2);
        for part in [first, second, first_encoded, second_encoded] {
            assert!(!text.contains(part), "{place} has {part} of {}:\n{text}", self.0);
        }
    }

    #[track_caller]
    fn expect_absent_in(&self, folder: &Path) -> usize {
        let mut looked_at = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                looked_at += self.expect_absent_in(&path);
            } else {
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                self.expect_absent(&path.display().to_string(), &text);
                looked_at += 1;
            }
        }
        looked_at
    }
}

/// The canaries of a trial, and whom they must not meet.
struct Watch<'a> {
    canaries: Vec<Canary>,
    migration: &'a Migration,
}

impl Watch<'_> {
    fn value(&self, index: usize) -> String {
        self.canaries[index].0.clone()
    }

    #[track_caller]
    fn look(&self, place: &str, text: &str) {
        for canary in &self.canaries {
            canary.expect_absent(place, text);
        }
    }

    /// Runs the program in both forms of its report, and looks at all it says.
    async fn run(&self, arguments: &[&str]) -> Output {
        let text = self.migration.run(arguments).await;
        let json = self.migration.run(&[arguments, &["-o", "json"]].concat()).await;
        for output in [&text, &json] {
            self.look(
                &format!("the output of {arguments:?}"),
                &format!("{}{}", output.stdout, output.stderr),
            );
        }
        json
    }

    /// Shows a change in both forms and makes it.
    async fn change(&self, command: &str, code: i32) {
        let shown: Value = serde_json::from_str(&self.run(&[command, "week-1"]).await.stdout).unwrap();
        let digest = shown["digest"].as_str().unwrap_or_else(|| panic!("no digest: {shown:#}"));
        let output = self.migration.run(&[command, "week-1", "--approve", digest]).await;
        self.look(command, &format!("{}{}", output.stdout, output.stderr));
        assert_eq!(output.code, code, "{output:?}");
    }

    fn state_folder(&self) {
        let state = self.migration.home.state();
        for canary in &self.canaries {
            assert!(canary.expect_absent_in(&state) > 1, "nothing is in {}", state.display());
        }
    }
}

fn secret(name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"token": value}})
}

/// By a plain `kubectl apply`: the whole object, value included, is in an annotation of it.
async fn push(cluster: &Cluster, namespace: &str, object: &Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.json");
    std::fs::write(&file, object.to_string()).unwrap();
    let arguments = ["apply", "-n", namespace, "-f", file.to_str().unwrap()];
    kubectl(&cluster.kubeconfig(), arguments).await.expect_success();
}

async fn values_are_nowhere(cluster: &'static Cluster) {
    let place = cluster.namespace("canary").await;
    let migration = Migration::new(cluster, place.name(), &[("keys", "")]);
    let watch = Watch { canaries: (0..5).map(|_| Canary::new()).collect(), migration: &migration };
    push(cluster, place.name(), &secret("adopted", &watch.value(0))).await;

    migration.write("keys", &[secret("adopted", &watch.value(1)), secret("created", &watch.value(2))]);
    watch.change("apply", 0).await;
    let encoded = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "created"},
        "data": {"token": watch.canaries[3].encoded()}});
    migration.write("keys", &[secret("adopted", &watch.value(4)), encoded]);
    watch.change("apply", 0).await;
    watch.run(&["verify", "week-1"]).await;
    watch.run(&["status"]).await;
    watch.run(&["plan", "week-1"]).await;
    // Someone else writes a value; it is named as a conflict and not shown.
    let theirs = json!({"stringData": {"token": watch.value(0)}}).to_string();
    let patch = ["patch", "secret", "created", "-n", place.name(), "--type=merge", "-p", &theirs];
    kubectl(&cluster.kubeconfig(), patch).await.expect_success();
    watch.run(&["verify", "week-1"]).await;
    watch.change("rollback", 7).await;
    watch.change("rollback", 0).await;
    watch.run(&["status"]).await;
    watch.state_folder();

    let maps = ["get", "configmap,event", "-n", place.name(), "-o", "json"];
    watch.look("the cluster's open objects", &kubectl(&cluster.kubeconfig(), maps).await.expect_success());
    let adopted = ["get", "secret", "adopted", "-n", place.name(), "-o", "jsonpath={.data.token}"];
    let back = kubectl(&cluster.kubeconfig(), adopted).await.expect_success();
    assert_eq!(back, watch.canaries[0].encoded(), "it is as it was before us");
}

async fn a_refused_value_is_nowhere(cluster: &'static Cluster) {
    let place = cluster.namespace("canary-refused").await;
    let migration = Migration::new(cluster, place.name(), &[("keys", "")]);
    let watch = Watch { canaries: vec![Canary::new()], migration: &migration };
    let value = watch.value(0);
    migration.write("keys", &[secret("there", &value)]);
    watch.change("apply", 0).await;

    let with = |name: &str, field: &str, content: Value| {
        let mut secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
        secret[field] = content;
        secret
    };
    let mut certificate = secret("certificate", &value);
    certificate["type"] = json!("kubernetes.io/tls");
    let mut other_type = secret("there", &value);
    other_type["type"] = json!("example.com/other");
    for broken in [
        certificate,
        other_type,
        with("map", "data", json!({"token": {"value": value}})),
        with("list", "data", json!([value])),
        with("string-list", "stringData", json!([value])),
        with("no-base64", "data", json!({"token": format!("{value}!")})),
        with("no-field", "dato", json!({"token": value})),
        with("key", "stringData", json!({"not a key": value})),
    ] {
        migration.write("keys", &[broken.clone(), config_map("beside", json!({"a": "b"}))]);
        let shown = watch.run(&["plan", "week-1"]).await;
        assert!([1, 5].contains(&shown.code), "{broken}: {shown:?}");
        watch.run(&["status"]).await;
        let plan = migration.plan_file().display().to_string();
        watch.run(&["check", &plan]).await;
    }
    watch.state_folder();
}

async fn a_killed_run_leaves_no_value(cluster: &'static Cluster) {
    let place = cluster.namespace("canary-killed").await;
    let migration = Migration::new(cluster, place.name(), &[("keys", "")]);
    let watch = Watch { canaries: vec![Canary::new(), Canary::new()], migration: &migration };
    push(cluster, place.name(), &secret("adopted", &watch.value(0))).await;
    migration.write("keys", &[secret("adopted", &watch.value(1)), config_map("beside", json!({"a": "b"}))]);
    let digest = migration.plan("week-1").await.expect(3).digest();
    let planned = migration.journal().len();
    // Session, request, proposal, confirmation, record, wave: killed before the first row is noted.
    let entry = (planned + 7).to_string();
    migration.told(&["apply", "week-1", "--approve", &digest, "--die-before-entry", &entry]).await.expect(-1);
    watch.state_folder();
    watch.run(&["status"]).await;
    migration.told(&["resume", "week-1/keys"]).await.expect(0);
    watch.state_folder();
}

async fn the_cockpit_shows_no_value(cluster: &'static Cluster) {
    let place = cluster.namespace("canary-cockpit").await;
    let migration = Migration::new(cluster, place.name(), &[("keys", "")]);
    let watch = Watch { canaries: vec![Canary::new(), Canary::new()], migration: &migration };
    push(cluster, place.name(), &secret("adopted", &watch.value(0))).await;
    migration.write("keys", &[secret("adopted", &watch.value(1)), secret("created", &watch.value(1))]);
    let mut cockpit = Terminal::open(&migration.home, migration.arguments(&[]));
    cockpit.wait_for("READ-WRITE");
    cockpit.wait_for("● live");
    cockpit.press("gd");
    cockpit.wait_for("Secret/created");
    cockpit.press("\tjjjzjjjj\x03");
    cockpit.exit_code();
    let seen = cockpit.everything();
    assert!(seen.contains("••••••"), "{seen}");
    watch.look("the screen", &seen);
    watch.state_folder();
}
