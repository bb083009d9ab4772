//! A creation that meets an object of its name changes nothing of it, whoever made it.

use std::time::Duration;

use migrate_tui::cluster::{Permit, settle};
use migrate_tui::diff::{Change, Kind};
use migrate_tui::object::Object;
use migrate_tui::rollback::Image;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::steps::{Bench, picture};
use super::{by_kubectl, config_map, deployment, service};
use crate::support::{Cluster, Namespace};

const GROUP: &str = "creating.example.com";

const OURS: [&str; 3] = ["apply", "--server-side", "--field-manager=migrate-tui"];

/// Each kind is another code path of the API server.
pub async fn a_creation_changes_nothing_that_is_there(cluster: &Cluster) {
    let place = cluster.namespace("creating").await;
    let bench = Bench::new(cluster, place.name()).await;
    let (_, permit) = bench.record(&bench.step("overlay").path, Kind::Apply, Vec::new()).await;
    let spaces = Namespaces { cluster, prefix: place.name().to_owned() };
    let trial = Creating { cluster, bench: &bench, permit: &permit };

    trial.of(|name| config_map(name, &json!({"a": "1"}))).await;
    trial.of(|name| deployment(name, "registry.example/main:1", &json!({}))).await;
    trial.of(service).await;
    trial.of(secret).await;
    trial.of(account).await;
    trial.of(|name| spaces.of(name)).await;
    trial.of(definition).await;
    // Of the first definition's kind.
    trial.of(custom).await;
}

/// What the trials of one kind stand on.
struct Creating<'a> {
    cluster: &'a Cluster,
    bench: &'a Bench,
    permit: &'a Permit,
}

impl Creating<'_> {
    async fn of(&self, object: impl Fn(&str) -> Value) {
        self.ours(object("ones")).await;
        self.met(&object("twos"), &["create"], &object("twos"), "kubectl-create").await;
        // Under our own name: an apply that may change what is there would even drop their label.
        let mut labelled = object("threes");
        labelled["metadata"]["labels"] = json!({"of": "another-run"});
        self.met(&object("threes"), &OURS, &labelled, "another run of migrate-tui").await;
    }

    /// Created once; then it is there, and the same apply would come to no change.
    async fn ours(&self, object: Value) {
        let image = self.image(&object).await;
        let done = self.bench.execute(self.permit, Kind::Apply, &image).await.unwrap();
        assert!(done.created && done.uid.is_some(), "{}", image.key);
        let reader = self.bench.writer.planner().reader();
        let deadline = Instant::now() + Duration::from_mins(1);
        settle(reader, Kind::Apply, image.wave, &[&image], deadline, &|_, _| {}).await.unwrap();

        let before = self.live(&image).await;
        let problem = self.bench.execute(self.permit, Kind::Apply, &image).await.unwrap_err();
        assert!(problem.reason.contains("created one of that name"), "{problem}");
        let again = self.bench.execute_again(self.permit, Kind::Apply, &image).await.unwrap();
        assert_eq!((again.uid, again.created), (done.uid, true));
        assert_eq!(picture(&before), picture(&self.live(&image).await));
    }

    /// Someone makes `there` between the showing and the writing.
    async fn met(&self, object: &Value, arguments: &[&str], there: &Value, who: &str) {
        let image = self.image(object).await;
        by_kubectl(self.cluster, &self.bench.environment.namespace, arguments, there).await;
        let before = self.live(&image).await;
        let problem = self.bench.execute(self.permit, Kind::Apply, &image).await.unwrap_err();
        assert!(problem.reason.contains(&format!("{who} created")), "{problem}");
        assert_eq!(picture(&before), picture(&self.live(&image).await), "{}", image.key);
    }

    async fn image(&self, object: &Value) -> Image {
        let prepared = self.bench.prepare("overlay", vec![object.clone()]).await;
        assert_eq!(prepared.proposal.problems, []);
        let image = prepared.images.into_iter().next().unwrap();
        assert_eq!(image.change, Change::Create);
        image
    }

    async fn live(&self, image: &Image) -> Object {
        let reader = self.bench.writer.planner().reader();
        reader.by_key(&image.api_version, &image.key).await.unwrap().expect("the object")
    }
}

/// Namespaces beside the trial's own, deleted with it.
struct Namespaces<'a> {
    cluster: &'a Cluster,
    prefix: String,
}

impl Namespaces<'_> {
    fn of(&self, name: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": format!("{}-{name}", self.prefix)}})
    }
}

impl Drop for Namespaces<'_> {
    fn drop(&mut self) {
        for name in ["ones", "twos", "threes"] {
            drop(Namespace::existing(self.cluster.client(), &format!("{}-{name}", self.prefix)));
        }
    }
}

fn secret(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": {"token": "bm90LWEtc2VjcmV0"}})
}

fn account(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name},
        "automountServiceAccountToken": false})
}

fn custom(name: &str) -> Value {
    json!({"apiVersion": format!("{GROUP}/v1"), "kind": "Ones", "metadata": {"name": name}, "spec": {"a": 1}})
}

fn definition(plural: &str) -> Value {
    let kind = format!("{}{}", plural[..1].to_uppercase(), &plural[1..]);
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{GROUP}")},
        "spec": {"group": GROUP, "scope": "Namespaced",
            "names": {"plural": plural, "singular": plural, "kind": kind, "listKind": format!("{kind}List")},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})
}
