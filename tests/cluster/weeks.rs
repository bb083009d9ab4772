//! Weeks 3 and 4 of the shipped plan, there and back: the charts are stand-ins, everything else is as in
//! the plan.

use std::collections::BTreeSet;
use std::time::Duration;

use libtest_mimic::Trial;
use migrate_tui::rehearsal::{BootOptions, Rehearsal, boot};
use serde_json::Value;

use crate::helm::charts::helm_program;
use crate::services::verify;
use crate::support::{Cluster, Migration, Terminal, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("weeks::week_3_of_dev_is_installed_and_taken_back", |cluster| week_3(cluster, "dev")),
        trial("weeks::week_3_of_prod_is_installed_and_taken_back", |cluster| week_3(cluster, "prod")),
        trial("weeks::week_4_of_staging_ends_in_a_verified_certificate_and_is_taken_back", week_4),
        trial("weeks::week_4_of_dev_goes_back_to_nothing_at_one_go", |cluster| {
            week_4_at_one_go(cluster, "dev")
        }),
        trial("weeks::what_the_first_draft_had_is_installed_and_taken_back", first_draft),
        trial("weeks::week_4_of_prod_tries_the_staging_issuer_first_and_goes_back_at_one_go", |cluster| {
            week_4_at_one_go(cluster, "prod")
        }),
    ]
}

/// The components of the first draft that have been retired since, each as a variant beside the shipped plan.
async fn first_draft(cluster: &Cluster) {
    const SHIPPED: &str = "plans/phase-2/plan.yaml";
    const DRAFT: &str = "plans/phase-2/plan-as-written.yaml";
    let mut week = Week::begin(cluster, "week-3").await;
    let mut expected = week.wide().await;
    // Helm is asked to keep it, so that no Ingress is without its class while the controller is exchanged.
    expected.insert("ingressclass.networking.k8s.io/nginx".to_owned());
    for step in ["week-3/monitoring-namespace", "week-3/prometheus"] {
        week.migration.apply(step).await.expect(0);
    }
    // An operator whose webhook wants a certificate, before anything issues one.
    week.migration.take_plan(DRAFT);
    let locked = week.migration.plan("week-3/jaeger-operator").await.expect(5).problems();
    assert!(locked.contains("week-3/jaeger-operator is locked until this holds"), "{locked}");
    assert!(locked.contains("certificates.cert-manager.io"), "{locked}");
    week.migration.take_plan(SHIPPED);
    for step in ["week-4/cert-manager-namespace", "week-4/cert-manager"] {
        week.migration.apply(step).await.expect(0);
    }
    week.migration.take_plan(DRAFT);
    for (step, is_retired) in [
        ("week-3/jaeger-operator", true),
        ("week-4/ingress-nginx-namespace", false),
        ("week-4/ingress-controller", true),
    ] {
        let told = week.migration.apply(step).await.expect(0);
        let risks = told.report["proposals"][0]["risks"].to_string();
        assert_eq!(
            risks.contains("meant here: As the first draft of the plan has it"),
            is_retired,
            "{step}: {risks}"
        );
    }
    // The operator's pods are simulated, so that nothing would come of its object: it is only shown.
    week.migration.plan("week-3/jaeger").await.expect(3);
    let class = week.kubectl(&["get", "ingressclass", "nginx", "-o", "jsonpath={.spec.controller}"]).await;
    assert_eq!(class, "k8s.io/ingress-nginx");
    for plan in [DRAFT, SHIPPED] {
        week.migration.take_plan(plan);
        for stage in ["week-4", "week-3"] {
            let told = week.migration.rollback_with_leftovers(stage).await.expect(0);
            let proposals = told.report["proposals"].as_array().unwrap().iter();
            let is_named = |one: &Value| one["release"]["stays"].to_string().contains("IngressClass");
            assert_eq!(proposals.clone().any(is_named), plan == DRAFT && stage == "week-4", "{plan} {stage}");
        }
    }
    assert_eq!(week.wide().await, expected);
    week.rehearsal.shut_down().await;
}

/// For an issuer or a certificate to be ready, beside other trials.
const READY: Duration = Duration::from_mins(1);

/// What a cluster has outside of namespaces that a chart may bring, and the namespaces.
const WIDE: &str = "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings,ingressclasses,\
                    priorityclasses,persistentvolumes,apiservices,validatingwebhookconfigurations";

async fn week_3(cluster: &Cluster, environment: &str) {
    let week = Week::begin_in(cluster, environment, "week-3").await;
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
    // All of it at one go, its namespace and what others have made in it included.
    let told = week.migration.rollback_with_leftovers("week-3").await.expect(0);
    let changes = told.changes();
    for gone in [
        "PersistentVolumeClaim/alertmanager-monitoring-kube-prometheus-alertmanager-db-alertmanager-monitoring-kube-prometheus-alertmanager-0",
        "PersistentVolumeClaim/prometheus-monitoring-kube-prometheus-prometheus-db-prometheus-monitoring-kube-prometheus-prometheus-0",
        "PersistentVolumeClaim/storage-loki-0",
        "CustomResourceDefinition/servicemonitors.monitoring.coreos.com",
        "Namespace/monitoring",
    ] {
        assert!(changes.contains(&format!("delete {gone}")), "{gone}: {changes:#?}");
    }
    assert_eq!(week.wide().await, before);
    week.rehearsal.shut_down().await;
}

/// Week 4, applied up to the certificate, with what was there before it.
async fn week_4_applied(cluster: &Cluster, environment: &str) -> (Week, BTreeSet<String>) {
    let week = Week::begin_in(cluster, environment, "week-4").await;
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
    ] {
        week.apply(step, release).await;
    }
    let (host, issuer) = match environment {
        "prod" => ("app.example.com".to_owned(), "letsencrypt-production"),
        other => (format!("{other}.app.example.com"), "letsencrypt-staging"),
    };
    for step in ["trial-certificate", "issuer-production"] {
        if environment == "prod" {
            week.apply_by_name(step, "prod");
            week.is_issued("web-trial", "letsencrypt-staging").await;
        } else {
            let told = week.migration.plan(&week.step(step)).await.expect(1);
            assert!(told.output.stdout.contains("there is no step"), "it is prod's: {:?}", told.output);
        }
    }
    week.apply("ingress", None).await;
    // Its gate is the certificate; the one of the record asks a name that nobody here has.
    week.migration.told(&["tick", "week-4/certificate"]).await.expect(0);
    let moved = ["tick", "week-4/dns", "--note", "in a rehearsal"];
    let told = week.migration.told(&moved).await.expect(0);
    assert!(told.output.stderr.contains("not asked: this is a rehearsal"), "{}", told.output.stderr);
    let secret = week.kubectl(&["get", "secret", "web-tls", "-n", &week.namespace, "-o", "json"]).await;
    let secret: k8s_openapi::api::core::v1::Secret = serde_json::from_str(&secret).unwrap();
    let chain = secret.data.unwrap().remove("tls.crt").unwrap().0;
    verify(&chain, &std::fs::read(&week.rehearsal.services().acme_root).unwrap(), &host);
    week.is_issued("web-tls", issuer).await;
    (week, before)
}

/// Of the step and of those before it, with all that others have made for them.
async fn week_4_at_one_go(cluster: &Cluster, environment: &str) {
    let (week, before) = week_4_applied(cluster, environment).await;
    let key = ["get", "secret", "web-tls", "-n", &week.namespace, "-o", r"jsonpath={.data.tls\.key}"];
    let key = week.kubectl(&key).await;
    assert!(key.len() > 100);
    let told = week.migration.rollback_with_leftovers("week-4").await.expect(0);
    let changes = told.changes();
    let of_prod = ["Secret/web-trial-tls", "Secret/letsencrypt-production-account"];
    let of_prod = if environment == "prod" { &of_prod[..] } else { &[] };
    let of_all = [
        "Secret/web-tls",
        "Secret/letsencrypt-staging-account",
        "Namespace/cert-manager",
        "Namespace/traefik",
    ];
    for gone in of_all.iter().chain(of_prod) {
        assert!(changes.contains(&format!("delete {gone}")), "{gone}: {changes:#?}");
    }
    assert_eq!(week.wide().await, before);
    assert_eq!(week.secrets().await, [""; 0]);
    let written = files(&week.migration.home.state());
    assert!(written.len() > 2 && !written.iter().any(|text| text.contains(&key)), "a key was written down");
    assert!(!told.output.stdout.contains(&key) && !told.output.stderr.contains(&key));
    week.rehearsal.shut_down().await;
}

/// What is in the files of a folder and of those in it.
fn files(folder: &std::path::Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            texts.extend(files(&entry));
        } else {
            texts.push(String::from_utf8_lossy(&std::fs::read(entry).unwrap()).into_owned());
        }
    }
    texts
}

async fn week_4(cluster: &Cluster) {
    let (week, before) = week_4_applied(cluster, "staging").await;
    week.take_back(&["ingress", "issuer-staging", "cert-manager"]).await;
    // cert-manager leaves what it has issued, so that whoever serves it goes on doing so.
    assert_eq!(week.secrets().await, ["secret/web-tls"]);
    let refused = week.migration.rollback("week-4/cert-manager-namespace").await.expect(5).problems();
    for said in [
        "Secret/letsencrypt-staging-account in cert-manager (left by week-4/issuer-staging)",
        "`migrate-tui rollback week-4/issuer-staging --with-leftovers`",
    ] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    for (step, left) in [
        ("ingress", vec!["delete Secret/web-tls"]),
        ("issuer-staging", vec!["delete Secret/letsencrypt-staging-account"]),
    ] {
        let told = week.migration.rollback_with_leftovers(&week.step(step)).await.expect(0);
        assert_eq!(told.changes(), left, "{step}: nothing else is left");
        assert!(!told.report.to_string().contains("tls.key"), "no Secret's content is shown");
    }
    let told = week.migration.rollback_with_leftovers("week-4/cert-manager").await.expect(0);
    let kinds = told.changes();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| kind.ends_with("cert-manager.io")), "{kinds:?}");
    week.take_back(&["cert-manager-namespace"]).await;
    week.migration.rollback_with_leftovers("week-4/ingress-controller").await.expect(0);
    week.take_back(&["traefik-namespace", "ingress-class"]).await;
    assert_eq!(week.wide().await, before);
    assert_eq!(week.secrets().await, [""; 0]);
    week.rehearsal.shut_down().await;
}

/// A week on a cluster of its own: the namespaces and kinds of its charts are there for everyone.
pub(crate) struct Week {
    pub(crate) rehearsal: Rehearsal,
    runs: tempfile::TempDir,
    pub(crate) migration: Migration,
    stage: &'static str,
    namespace: String,
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
        migration.home.set("MIGRATE_TUI_HELM", helm_program(cluster).as_os_str());
        migration.apply("week-1/namespace").await.expect(0);
        Self { rehearsal, runs, migration, stage, namespace: format!("phase2-{environment}") }
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

    /// Applies a step in the cockpit of an environment that wants its name typed.
    fn apply_by_name(&self, id: &str, name: &str) {
        let id = self.step(id);
        let mut cockpit = Terminal::open(&self.migration.home, self.migration.arguments(&[]));
        cockpit.wait_for("● live");
        cockpit.press(&format!("/{id}\r"));
        cockpit.press("a");
        cockpit.wait_for("confirm?");
        cockpit.press("a");
        cockpit.wait_for(&format!("Type {name} to confirm:"));
        // Another name presses nothing: the question stays.
        cockpit.press("\tproof\r\r");
        cockpit.wait_for("to confirm: proof");
        cockpit.press("\u{7f}\u{7f}d\r");
        cockpit.wait_for(&format!("to confirm: {name}"));
        cockpit.press("\r");
        cockpit.wait_within(READY, "the step done", |screen| screen.contains("✔ Done at"));
        cockpit.press("q");
        assert_eq!(cockpit.exit_code(), 0, "{}", cockpit.screen());
    }

    async fn is_issued(&self, certificate: &str, issuer: &str) {
        let path = "jsonpath={.spec.issuerRef.name} {.status.conditions[?(@.type=='Ready')].status}";
        let told =
            self.kubectl(&["get", "certificate", certificate, "-n", &self.namespace, "-o", path]).await;
        assert_eq!(told, format!("{issuer} True"));
    }

    /// Rolls steps back, plainly.
    async fn take_back(&self, ids: &[&str]) {
        for id in ids {
            let told = self.migration.rollback(&self.step(id)).await.expect(0);
            let drift = told.report["proposals"][0]["risks"].to_string();
            assert!(!drift.contains("has changed it since"), "{id}: nobody has: {drift}");
        }
    }

    /// The Secrets in the environment's namespace, but for our own.
    async fn secrets(&self) -> Vec<String> {
        let secrets = self.kubectl(&["get", "secrets", "-n", &self.namespace, "-o", "name"]).await;
        secrets.lines().filter(|name| !name.contains("migrate-tui-record-")).map(str::to_owned).collect()
    }
}
