//! Weeks 3 and 4 of the shipped plan, there and back: the charts are stand-ins, everything else is as in
//! the plan.

use std::collections::BTreeSet;

use libtest_mimic::Trial;
use migrate_tui::rehearsal::{BootOptions, Rehearsal, boot};
use serde_json::Value;

use crate::services::verify;
use crate::support::{Cluster, Migration, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("weeks::week_3_is_installed_and_taken_back", week_3),
        trial("weeks::week_4_ends_in_a_verified_certificate_and_is_taken_back", week_4),
    ]
}

const HOST: &str = "staging.app.example.com";

/// What a cluster has outside of namespaces that a chart may bring, and the namespaces.
const WIDE: &str = "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings,ingressclasses,\
                    priorityclasses,persistentvolumes,apiservices,validatingwebhookconfigurations";

async fn week_3(cluster: &Cluster) {
    let week = Week::begin(cluster, "week-3").await;
    let before = week.wide().await;
    for (step, release) in [
        ("monitoring-namespace", None),
        ("prometheus", Some("kube-prometheus-stack")),
        ("scraping", None),
        ("loki", Some("loki")),
        ("alloy", Some("alloy")),
        ("jaeger", Some("jaeger")),
    ] {
        week.apply(step, release).await;
    }
    let kept = week.take_back(&["jaeger", "alloy", "loki", "scraping", "prometheus"]).await;
    let claims = [
        "pvc/alertmanager-monitoring-kube-prometheus-alertmanager-db-alertmanager-monitoring-kube-prometheus-alertmanager-0",
        "pvc/prometheus-monitoring-kube-prometheus-prometheus-db-prometheus-monitoring-kube-prometheus-prometheus-0",
        "pvc/storage-loki-0",
    ];
    week.remove_namespace("monitoring-namespace", "monitoring", &claims).await;
    week.is_as(before, kept).await;
    week.rehearsal.shut_down().await;
}

async fn week_4(cluster: &Cluster) {
    let week = Week::begin(cluster, "week-4").await;
    // Traefik's chart has a ServiceMonitor.
    for step in ["week-3/monitoring-namespace", "week-3/prometheus"] {
        week.migration.apply(step).await.expect(0);
    }
    let before = week.wide().await;
    for (step, release) in [
        ("ingress-class", None),
        ("traefik-namespace", None),
        ("ingress-controller", Some("traefik")),
        ("cert-manager-namespace", None),
        ("cert-manager", Some("cert-manager")),
        ("issuer-staging", None),
        ("ingress", None),
    ] {
        week.apply(step, release).await;
    }
    // Its gate is the certificate; the one of the record asks a name that nobody here has.
    week.migration.told(&["tick", "week-4/certificate"]).await.expect(0);
    let moved = ["tick", "week-4/dns", "--note", "in a rehearsal"];
    let told = week.migration.told(&moved).await.expect(0);
    assert!(told.output.stderr.contains("not asked: this is a rehearsal"), "{}", told.output.stderr);
    let secret = week.kubectl(&["get", "secret", "web-tls", "-n", "phase2-staging", "-o", "json"]).await;
    let secret: k8s_openapi::api::core::v1::Secret = serde_json::from_str(&secret).unwrap();
    let chain = secret.data.unwrap().remove("tls.crt").unwrap().0;
    verify(&chain, &std::fs::read(&week.rehearsal.services().acme_root).unwrap(), HOST);

    let mut kept = week.take_back(&["ingress", "issuer-staging", "cert-manager"]).await;
    week.remove_namespace("cert-manager-namespace", "cert-manager", &["secret/letsencrypt-staging-account"])
        .await;
    kept.extend(week.take_back(&["ingress-controller", "traefik-namespace", "ingress-class"]).await);
    week.is_as(before, kept).await;
    // cert-manager leaves what it has issued, so that whoever serves it goes on doing so.
    let secrets = week.kubectl(&["get", "secrets", "-n", "phase2-staging", "-o", "name"]).await;
    let left: Vec<&str> = secrets.lines().filter(|name| !name.contains("migrate-tui-record-")).collect();
    assert_eq!(left, ["secret/web-tls"]);
    week.rehearsal.shut_down().await;
}

/// A week on a cluster of its own: the namespaces and kinds of its charts are there for everyone.
pub(crate) struct Week {
    pub(crate) rehearsal: Rehearsal,
    runs: tempfile::TempDir,
    pub(crate) migration: Migration,
    stage: &'static str,
}

impl Week {
    pub(crate) async fn begin(cluster: &Cluster, stage: &'static str) -> Self {
        Self::begin_in(cluster, "staging", stage).await
    }

    pub(crate) async fn begin_in(cluster: &Cluster, environment: &str, stage: &'static str) -> Self {
        let runs = tempfile::tempdir().unwrap();
        let options = BootOptions { runs: Some(runs.path().to_owned()), ..BootOptions::default() };
        let rehearsal = boot(&cluster.binary, &options, |_| {}).await.unwrap();
        let mut migration = Migration::shipped_on(rehearsal.kubeconfig_path(), environment);
        migration.home.set("MIGRATE_TUI_STAND_INS", rehearsal.folder().path().as_os_str());
        migration.apply("week-1/namespace").await.expect(0);
        Self { rehearsal, runs, migration, stage }
    }

    async fn kubectl(&self, arguments: &[&str]) -> String {
        assert!(self.runs.path().exists());
        kubectl(&self.rehearsal.kubeconfig_path(), arguments).await.expect_success()
    }

    /// The names of everything that is there for the whole cluster.
    async fn wide(&self) -> BTreeSet<String> {
        self.kubectl(&["get", WIDE, "-o", "name"]).await.lines().map(str::to_owned).collect()
    }

    fn step(&self, id: &str) -> String {
        format!("{}/{id}", self.stage)
    }

    /// Applies a step; a release's chart is said to be a stand-in.
    async fn apply(&self, id: &str, chart: Option<&str>) {
        let told = self.migration.apply(&self.step(id)).await.expect(0);
        let proposal = &told.report["proposals"][0];
        assert_eq!(proposal["release"]["chart"]["name"].as_str(), chart, "{id}");
        let is_said =
            proposal["risks"].to_string().contains("stand-in chart: the rehearsal's own in place of");
        assert_eq!(is_said, chart.is_some(), "{id}: {}", proposal["risks"]);
    }

    /// Rolls steps back, and returns the kinds that are said to stay.
    async fn take_back(&self, ids: &[&str]) -> BTreeSet<String> {
        let mut kept = BTreeSet::new();
        for id in ids {
            let told = self.migration.rollback(&self.step(id)).await.expect(0);
            let proposal = &told.report["proposals"][0];
            let drift = proposal["risks"].to_string();
            assert!(!drift.contains("has changed it since"), "{id}: nobody has: {drift}");
            let stays = proposal["release"]["stays"].as_array().into_iter().flatten();
            let crds = stays.filter(|key| key["kind"] == "CustomResourceDefinition");
            kept.extend(crds.filter_map(|key| key["name"].as_str()).map(str::to_owned));
        }
        kept
    }

    /// Rolls a namespace back, which is refused for as long as there is in it what no step has made; that
    /// is deleted by hand.
    async fn remove_namespace(&self, id: &str, namespace: &str, left: &[&str]) {
        let refused = self.migration.rollback(&self.step(id)).await.expect(5).problems();
        for name in left {
            let (_, bare) = name.split_once('/').unwrap();
            assert!(refused.contains(bare), "{name} is not named: {refused}");
            self.kubectl(&["delete", name, "-n", namespace]).await;
        }
        self.take_back(&[id]).await;
    }

    /// Is everything as it was, but for the kinds that were said to stay?
    async fn is_as(&self, before: BTreeSet<String>, kept: BTreeSet<String>) {
        assert!(!kept.is_empty());
        let kept =
            kept.into_iter().map(|name| format!("customresourcedefinition.apiextensions.k8s.io/{name}"));
        let served = self.kubectl(&["get", "apiservices", "-o", "json"]).await;
        let served: Value = serde_json::from_str(&served).unwrap();
        let of_kinds = served["items"].as_array().unwrap().iter().filter_map(|one| {
            let group = one["spec"]["group"].as_str()?;
            let is_of_kinds =
                one["metadata"]["labels"]["kube-aggregator.kubernetes.io/automanaged"] == "true";
            is_of_kinds.then(|| (group.to_owned(), one["metadata"]["name"].as_str().unwrap().to_owned()))
        });
        let kept: BTreeSet<String> = kept.collect();
        let groups =
            of_kinds.filter(|(group, _)| kept.iter().any(|name| name.ends_with(&format!(".{group}"))));
        let mut expected: BTreeSet<String> =
            groups.map(|(_, name)| format!("apiservice.apiregistration.k8s.io/{name}")).collect();
        expected.extend(before);
        expected.extend(kept);
        assert_eq!(self.wide().await, expected);
    }
}
