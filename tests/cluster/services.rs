//! What a rehearsal has beside its cluster: helm, a registry, and certificates by ACME.

use std::path::Path;

use libtest_mimic::Trial;
use migrate_tui::rehearsal::{BootOptions, Rehearsal, boot};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use serde_json::{Value, json};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::support::{Cluster, Home, Output, finish, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("services::helm_is_the_pinned_one", helm_is_the_pinned_one),
        trial("services::a_chart_goes_through_the_registry", a_chart_goes_through_the_registry),
        trial("services::certificates_come_and_go_with_their_kinds", certificates_come_and_go),
    ]
}

async fn helm_is_the_pinned_one(cluster: &Cluster) {
    let home = Home::new(cluster.kubeconfig());
    let version = helm(cluster, &home, &["version", "--template", "{{.Version}}"]).await.expect_success();
    assert_eq!(version, "v4.2.4");
    let releases = helm(cluster, &home, &["list", "--all-namespaces", "--short"]).await;
    assert_eq!(releases.code, 0, "it reaches the cluster: {}", releases.stderr);
    let output = helm(cluster, &home, &["show", "chart", "/nonexistent"]).await;
    assert_eq!(output.code, 1, "{}", output.stderr);
}

async fn a_chart_goes_through_the_registry(cluster: &Cluster) {
    cluster.services.ready().await.unwrap();
    let home = Home::new(cluster.kubeconfig());
    let [chart, packed, pulled] = ["chart", "packed", "pulled"].map(|name| home.path().join(name));
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    std::fs::create_dir(&pulled).unwrap();
    let about = "apiVersion: v2\nname: trial\nversion: 1.2.3\n";
    std::fs::write(chart.join("Chart.yaml"), about).unwrap();
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: trial}\n";
    std::fs::write(chart.join("templates/map.yaml"), template).unwrap();

    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let file = "trial-1.2.3.tgz";
    let registry = format!("oci://{}/charts", cluster.services.registry);
    helm(cluster, &home, &["package", &text(&chart), "-d", &text(&packed)]).await.expect_success();
    let archive = packed.join(file);
    helm(cluster, &home, &["push", &text(&archive), &registry, "--plain-http"]).await.expect_success();
    let name = format!("{registry}/trial");
    let pull =
        |version| ["pull", &name, "--version", version, "--plain-http", "-d", pulled.to_str().unwrap()];
    helm(cluster, &home, &pull("1.2.3")).await.expect_success();
    assert_eq!(std::fs::read(pulled.join(file)).unwrap(), std::fs::read(archive).unwrap());
    let absent = helm(cluster, &home, &pull("9.9.9")).await;
    assert!(absent.code == 1 && absent.stderr.contains("9.9.9"), "{}", absent.stderr);
}

async fn helm(cluster: &Cluster, home: &Home, arguments: &[&str]) -> Output {
    finish(home.command_of(&cluster.services.helm(), arguments)).await
}

/// A cluster of one's own, since kinds are there for everyone; and the folder that it is in.
pub async fn own_cluster(cluster: &Cluster) -> (Rehearsal, tempfile::TempDir) {
    let runs = tempfile::tempdir().unwrap();
    let options = BootOptions { runs: Some(runs.path().to_owned()), ..BootOptions::default() };
    let rehearsal = boot(&cluster.binary, &options, |_| {}).await.unwrap();
    rehearsal.services().ready().await.unwrap();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "cert-manager"}});
    Place::new(&rehearsal).apply(&namespace).await;
    (rehearsal, runs)
}

async fn certificates_come_and_go(cluster: &Cluster) {
    let (rehearsal, _runs) = own_cluster(cluster).await;
    let place = Place::new(&rehearsal);

    place.bring_kinds().await;
    place.issue("first.example.test").await;
    place.publish("rejected", "rejected.example.test", "challenge-rejected").await;
    place.publish("unanswered", "unanswered.example.test", "challenge-unanswered").await;
    place
        .becomes(
            "the order's failure",
            &["get", "orders", "-o", "jsonpath={.items[*].status.state}"],
            "invalid",
        )
        .await;
    let reasons = ["get", "challenges", "-o", "jsonpath={.items[*].status.reason}"];
    place.becomes("the look before the validation", &reasons, "wrong status code '404'").await;

    place.remove_kinds().await;
    place.bring_kinds().await;
    place.issue("second.example.test").await;

    let processes = rehearsal.process_ids();
    assert_eq!(processes.len(), 9);
    rehearsal.shut_down().await;
    let left: Vec<u32> =
        processes.into_iter().filter(|id| Path::new(&format!("/proc/{id}")).exists()).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// A cluster whose certificates are looked at.
pub struct Place<'a> {
    rehearsal: &'a Rehearsal,
    files: tempfile::TempDir,
}

impl<'a> Place<'a> {
    pub fn new(rehearsal: &'a Rehearsal) -> Self {
        Self { rehearsal, files: tempfile::tempdir().unwrap() }
    }

    pub async fn kubectl(&self, arguments: &[&str]) -> Output {
        kubectl(&self.rehearsal.kubeconfig_path(), arguments).await
    }

    pub async fn apply(&self, object: &Value) {
        let file = self.files.path().join("object.json");
        std::fs::write(&file, object.to_string()).unwrap();
        self.kubectl(&["apply", "--server-side", "-f", file.to_str().unwrap()]).await.expect_success();
    }

    fn kinds(&self) -> String {
        self.rehearsal.services().cert_manager_kinds.to_str().unwrap().to_owned()
    }

    pub async fn bring_kinds(&self) {
        let kinds = self.kinds();
        self.kubectl(&["apply", "--server-side", "-f", &kinds]).await.expect_success();
        let established = ["wait", "--for=condition=Established", "--timeout=60s", "-f", &kinds];
        self.kubectl(&established).await.expect_success();
        let services = self.rehearsal.services();
        let authority = std::fs::read(&services.acme_authority).unwrap();
        self.apply(&json!({
            "apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "acme"},
            "spec": {"acme": {
                "server": services.acme_directory,
                "caBundle": k8s_openapi::ByteString(authority),
                "privateKeySecretRef": {"name": "acme-account"},
                "solvers": [{"http01": {"ingress": {"ingressClassName": "nginx"}}}],
            }},
        }))
        .await;
    }

    /// Every certificate goes with its kind, those in the middle of a challenge included.
    async fn remove_kinds(&self) {
        self.kubectl(&["delete", "--timeout=90s", "-f", &self.kinds()]).await.expect_success();
    }

    /// Publishes a host under TLS, whose validation is to fail in some way or, when empty, is not.
    async fn publish(&self, name: &str, host: &str, fail: &str) {
        let service = json!({"service": {"name": "web", "port": {"number": 80}}});
        self.apply(&json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {
                "name": name,
                "annotations": {"cert-manager.io/cluster-issuer": "acme"},
                "labels": {"rehearsal.migrate-tui/fail": fail},
            },
            "spec": {
                "ingressClassName": "nginx",
                "tls": [{"hosts": [host], "secretName": name}],
                "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": service}]}}],
            },
        }))
        .await;
    }

    async fn issue(&self, host: &str) {
        let name = host.split('.').next().unwrap();
        self.publish(name, host, "").await;
        let state =
            ["get", "certificate", name, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}"];
        self.becomes("the certificate", &state, "True").await;
        let secret = self.kubectl(&["get", "secret", name, "-o", "json"]).await.expect_success();
        let secret: k8s_openapi::api::core::v1::Secret = serde_json::from_str(&secret).unwrap();
        let chain = secret.data.unwrap().remove("tls.crt").unwrap().0;
        let root = std::fs::read(&self.rehearsal.services().acme_root).unwrap();
        verify(&chain, &root, host);
    }

    /// Waits until kubectl's answer has this text.
    async fn becomes(&self, what: &str, arguments: &[&str], expected: &str) {
        wait_until(what, || async {
            let output = self.kubectl(arguments).await;
            if output.stdout.contains(expected) { Ok(()) } else { Err(self.state_and(&output).await) }
        })
        .await;
    }

    async fn state_and(&self, output: &Output) -> String {
        let all = self.kubectl(&["get", "certificates,orders,challenges", "-o", "yaml"]).await.stdout;
        format!("{output:?}\n{all}")
    }
}

/// Does the chain lead from the host's certificate to the root?
pub fn verify(chain: &[u8], root: &[u8], host: &str) {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain).map(Result::unwrap).collect();
    let root = CertificateDer::from_pem_slice(root).unwrap();
    let anchor = anchor_from_trusted_cert(&root).unwrap();
    let leaf = EndEntityCert::try_from(&chain[0]).unwrap();
    let usage = KeyUsage::server_auth();
    leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &[anchor], &chain[1..], UnixTime::now(), usage, None, None)
        .unwrap();
    leaf.verify_is_valid_for_subject_name(&ServerName::try_from(host).unwrap()).unwrap();
}
