//! Weeks 3 and 4 of the shipped plan, there and back: the charts are stand-ins, everything else is as in
//! the plan.

use std::collections::BTreeSet;
use std::time::Duration;

use libtest_mimic::Trial;
use migrate_tui::rehearsal::{BootOptions, Rehearsal, boot};
use serde_json::Value;

use crate::helm::helm_program;
use crate::services::verify;
use crate::support::{Cluster, Migration, Terminal, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("weeks::week_3_of_dev_is_installed_and_taken_back", |cluster| week_3(cluster, "dev")),
        trial("weeks::week_3_of_prod_is_installed_and_taken_back", |cluster| week_3(cluster, "prod")),
        trial("weeks::week_4_of_dev_ends_in_a_verified_certificate", |cluster| week_4(cluster, "dev")),
        trial("weeks::week_4_of_staging_ends_in_a_verified_certificate", |cluster| {
            week_4(cluster, "staging")
        }),
        trial("weeks::week_4_of_prod_tries_the_staging_issuer_first", |cluster| week_4(cluster, "prod")),
    ]
}

/// For an issuer or a certificate to be ready, beside other trials.
const READY: Duration = Duration::from_secs(60);

/// What a cluster has outside of namespaces that a chart may bring, and the namespaces.
const WIDE: &str = "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings,ingressclasses,\
                    priorityclasses,persistentvolumes,apiservices,validatingwebhookconfigurations";

/// A step, and its chart where it is a release.
type Steps = &'static [(&'static str, Option<&'static str>)];

const WEEK_3: Steps = &[
    ("week-3/monitoring-namespace", None),
    ("week-3/prometheus", Some("kube-prometheus-stack")),
    ("week-3/scraping", None),
    ("week-3/loki", Some("loki")),
    ("week-3/alloy", Some("alloy")),
    ("week-3/jaeger", Some("jaeger")),
];

const WEEK_4: Steps = &[
    ("week-4/ingress-class", None),
    ("week-4/traefik-namespace", None),
    ("week-4/ingress-controller", Some("traefik")),
    ("week-4/cert-manager-namespace", None),
    ("week-4/cert-manager", Some("cert-manager")),
    ("week-4/issuer-staging", None),
];

async fn week_3(cluster: &Cluster, environment: &str) {
    let week = Week::begin(cluster, environment).await;
    let before = week.wide().await;
    week.apply_all(WEEK_3).await;
    let kept = week.take_back("week-3", &["jaeger", "alloy", "loki", "scraping", "prometheus"]).await;
    let claims = week.kubectl(&["get", "pvc", "-n", "monitoring", "-o", "name"]).await;
    let claims: Vec<&str> = claims.lines().collect();
    assert!(claims.len() >= 3, "{claims:?}");
    week.remove_namespace("week-3/monitoring-namespace", "monitoring", &claims).await;
    week.is_as(before, kept).await;
    week.rehearsal.shut_down().await;
}

async fn week_4(cluster: &Cluster, environment: &str) {
    let week = Week::begin(cluster, environment).await;
    // Traefik's chart has a ServiceMonitor.
    week.apply_all(&WEEK_3[..2]).await;
    let before = week.wide().await;
    week.apply_all(WEEK_4).await;
    let (host, issuer) = match environment {
        "prod" => ("app.example.com".to_owned(), "letsencrypt-production"),
        other => (format!("{other}.app.example.com"), "letsencrypt-staging"),
    };
    let is_prod = environment == "prod";
    for step in ["week-4/trial-certificate", "week-4/issuer-production"] {
        if is_prod {
            week.apply_by_name(step, "prod");
            week.is_issued("web-trial", "letsencrypt-staging").await;
        } else {
            let told = week.migration.plan(step).await.expect(1);
            assert!(told.output.stdout.contains("there is no step"), "it is prod's: {:?}", told.output);
        }
    }
    week.apply("week-4/ingress", None).await;
    week.cut_over(&host).await;
    week.is_issued("web-tls", issuer).await;

    let of_prod: &[&str] = if is_prod { &["issuer-production", "trial-certificate"] } else { &[] };
    let order = [&["ingress"], of_prod, &["issuer-staging", "cert-manager"]].concat();
    let mut kept = week.take_back("week-4", &order).await;
    let accounts = ["secret/letsencrypt-staging-account", "secret/letsencrypt-production-account"];
    let accounts = if is_prod { &accounts[..] } else { &accounts[..1] };
    week.remove_namespace("week-4/cert-manager-namespace", "cert-manager", accounts).await;
    kept.extend(
        week.take_back("week-4", &["ingress-controller", "traefik-namespace", "ingress-class"]).await,
    );
    week.is_as(before, kept).await;
    // cert-manager leaves what it has issued, so that whoever serves it goes on doing so.
    let secrets = week.kubectl(&["get", "secrets", "-n", &week.namespace, "-o", "name"]).await;
    let left: Vec<&str> = secrets.lines().filter(|name| !name.contains("migrate-tui-record-")).collect();
    let expected = ["secret/web-tls", "secret/web-trial-tls"];
    assert_eq!(left, if is_prod { &expected[..] } else { &expected[..1] });
    week.rehearsal.shut_down().await;
}

/// A week on a cluster of its own: the namespaces and kinds of its charts are there for everyone.
struct Week {
    rehearsal: Rehearsal,
    runs: tempfile::TempDir,
    migration: Migration,
    namespace: String,
}

impl Week {
    async fn begin(cluster: &Cluster, environment: &str) -> Self {
        let runs = tempfile::tempdir().unwrap();
        let options = BootOptions { runs: Some(runs.path().to_owned()), ..BootOptions::default() };
        let rehearsal = boot(&cluster.binary, &options, |_| {}).await.unwrap();
        let mut migration = Migration::shipped_on(rehearsal.kubeconfig_path(), environment);
        migration.home.set("MIGRATE_TUI_STAND_INS", rehearsal.folder().path().as_os_str());
        migration.home.set("MIGRATE_TUI_HELM", helm_program(cluster).as_os_str());
        migration.apply("week-1/namespace").await.expect(0);
        Self { rehearsal, runs, migration, namespace: format!("phase2-{environment}") }
    }

    async fn kubectl(&self, arguments: &[&str]) -> String {
        assert!(self.runs.path().exists());
        kubectl(&self.rehearsal.kubeconfig_path(), arguments).await.expect_success()
    }

    /// The names of everything that is there for the whole cluster.
    async fn wide(&self) -> BTreeSet<String> {
        self.kubectl(&["get", WIDE, "-o", "name"]).await.lines().map(str::to_owned).collect()
    }

    async fn apply_all(&self, steps: Steps) {
        for (step, chart) in steps {
            self.apply(step, *chart).await;
        }
    }

    /// Applies a step; a release's chart is said to be a stand-in.
    async fn apply(&self, id: &str, chart: Option<&str>) {
        let told = self.migration.apply(id).await.expect(0);
        let proposal = &told.report["proposals"][0];
        assert_eq!(proposal["release"]["chart"]["name"].as_str(), chart, "{id}");
        let is_said =
            proposal["risks"].to_string().contains("stand-in chart: the rehearsal's own in place of");
        assert_eq!(is_said, chart.is_some(), "{id}: {}", proposal["risks"]);
    }

    /// Applies a step in the cockpit of an environment that wants its name typed.
    fn apply_by_name(&self, id: &str, name: &str) {
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
        cockpit.wait_within(READY, "the step done", |screen| screen.contains("✔ ") && !screen.contains("▶ "));
        cockpit.press("q");
        assert_eq!(cockpit.exit_code(), 0, "{}", cockpit.screen());
    }

    /// The certificate is issued for the host and verified down to the root, and the record is said to move.
    async fn cut_over(&self, host: &str) {
        // Its gate is the certificate; the one of the record asks a name that nobody here has.
        self.migration.told(&["tick", "week-4/certificate"]).await.expect(0);
        let moved = ["tick", "week-4/dns", "--note", "in a rehearsal"];
        let told = self.migration.told(&moved).await.expect(0);
        assert!(told.output.stderr.contains("not asked: this is a rehearsal"), "{}", told.output.stderr);
        let secret = self.kubectl(&["get", "secret", "web-tls", "-n", &self.namespace, "-o", "json"]).await;
        let secret: k8s_openapi::api::core::v1::Secret = serde_json::from_str(&secret).unwrap();
        let chain = secret.data.unwrap().remove("tls.crt").unwrap().0;
        verify(&chain, &std::fs::read(&self.rehearsal.services().acme_root).unwrap(), host);
    }

    async fn is_issued(&self, certificate: &str, issuer: &str) {
        let path = "jsonpath={.spec.issuerRef.name} {.status.conditions[?(@.type=='Ready')].status}";
        let told =
            self.kubectl(&["get", "certificate", certificate, "-n", &self.namespace, "-o", path]).await;
        assert_eq!(told, format!("{issuer} True"));
    }

    /// Rolls steps back, and returns the kinds that are said to stay.
    async fn take_back(&self, stage: &str, ids: &[&str]) -> BTreeSet<String> {
        let mut kept = BTreeSet::new();
        for id in ids {
            let told = self.migration.rollback(&format!("{stage}/{id}")).await.expect(0);
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
        let refused = self.migration.rollback(id).await.expect(5).problems();
        for name in left {
            let (_, bare) = name.split_once('/').unwrap();
            assert!(refused.contains(bare), "{name} is not named: {refused}");
            self.kubectl(&["delete", name, "-n", namespace]).await;
        }
        let (stage, id) = id.split_once('/').unwrap();
        self.take_back(stage, &[id]).await;
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
