//! What charts render: random values, CRDs, Secrets.

use libtest_mimic::Trial;

use super::charts::{SETTINGS, VALUES, chart_of, migration, release_row, write_chart};
use crate::support::objects::live;
use crate::support::{Cluster, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::what_a_chart_makes_anew_is_named", what_a_chart_makes_anew_is_named),
        trial("helm::a_secret_value_is_on_no_disk", a_secret_value_is_on_no_disk),
        trial("helm::crds_come_with_a_chart_and_stay", crds_come_with_a_chart_and_stay),
        trial("helm::read_only_renders_without_the_cluster", read_only_renders_without_the_cluster),
    ]
}

const RANDOM: (&str, &str) = (
    "templates/secret.yaml",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Release.Name }}-password, annotations: {at: {{ now | quote }}}}\n\
     stringData: {user: CANARY-user, password: {{ randAlphaNum 16 | quote }}}\n",
);

async fn what_a_chart_makes_anew_is_named(cluster: &Cluster) {
    let namespace = cluster.namespace("anew").await;
    let migration = migration(cluster, namespace.name(), "");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, RANDOM]);
    let shown = migration.plan("week-1/web").await.expect(3);
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("made anew by the chart") && risks.contains("data.password"), "{risks}");
    assert!(!shown.output.stdout.contains("CANARY"), "{}", shown.output.stdout);
    // Its digest is the same at the next look, although the password is another one.
    let applied = migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    drop(applied);
    let before = live(&cluster.kubeconfig(), namespace.name(), "secret/web-password").await;
    let again = migration.plan("week-1/web").await.expect(0);
    assert_eq!(release_row(&again)["change"], "same", "{:?}", again.changes());

    write_chart(&chart_of(&migration), "0.2.0", VALUES, &[]);
    let shown = migration.plan("week-1/web").await.expect(3);
    assert_eq!(shown.row("Secret", "web-password")["change"], "change");
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let after = live(&cluster.kubeconfig(), namespace.name(), "secret/web-password").await;
    assert_ne!(before["data"]["password"], after["data"]["password"]);
    let journal = std::fs::read_to_string(migration.run_folder().join("journal.jsonl")).unwrap();
    assert!(!journal.contains("CANARY"));
}

const PASSWORD: (&str, &str) = (
    "templates/password.yaml",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Release.Name }}-password}\n\
     stringData: {password: {{ .Values.password | quote }}}\n",
);

async fn a_secret_value_is_on_no_disk(cluster: &Cluster) {
    let namespace = cluster.namespace("canary").await;
    let migration = migration(cluster, namespace.name(), "set: {password: CANARY-value}");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, PASSWORD]);
    let applied = migration.apply("week-1/web").await.expect(0);
    assert!(!applied.output.stdout.contains("CANARY") && !applied.output.stderr.contains("CANARY"));
    // Refused by the API server as well, helm's words do not quote it.
    let wrong = PASSWORD.1.replace("stringData:", "type: kubernetes.io/tls\nstringData:");
    write_chart(&chart_of(&migration), "0.2.0", VALUES, &[(PASSWORD.0, &wrong)]);
    let refused = migration.plan("week-1/web").await.expect(5);
    assert!(!refused.output.stdout.contains("CANARY"), "{}", refused.output.stdout);
    let secret = live(&cluster.kubeconfig(), namespace.name(), "secret/web-password").await;
    let encoded = secret["data"]["password"].as_str().unwrap().to_owned();
    let mut waiting = vec![migration.home.state()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("CANARY") && !text.contains(&encoded), "{}", entry.path().display());
        }
    }
}

fn definition(name: &str, extra: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {name}s.trial.example}}\n\
         spec:\n  group: trial.example\n  scope: Namespaced\n  names: {{kind: {name}, plural: {name}s, singular: {name}}}\n  \
         versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {{type: object, properties: {{size: {{type: integer}}{extra}}}}}}}}}}}}}]\n"
    )
}

async fn crds_come_with_a_chart_and_stay(cluster: &Cluster) {
    let namespace = cluster.namespace("crds").await;
    let migration = migration(cluster, namespace.name(), "");
    let gadget = "apiVersion: trial.example/v1\nkind: gadget\nmetadata: {name: one}\nspec: {size: 1}\n";
    let (one, other) = (definition("gadget", ""), definition("gizmo", ""));
    let crds = [("crds/gadget.yaml", one.as_str()), ("crds/gizmo.yaml", other.as_str())];
    let templates = [SETTINGS, ("templates/gadget.yaml", gadget), crds[0], crds[1]];
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &templates);
    let shown = migration.plan("week-1/web").await.expect(3);
    assert_eq!(shown.row("CustomResourceDefinition", "gadgets.trial.example")["change"], "create");
    assert_eq!(shown.row("gadget", "one")["knownAfter"], "CustomResourceDefinition/gadgets.trial.example");
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("it stays when the release is uninstalled"), "{risks}");
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);

    write_chart(
        &chart_of(&migration),
        "0.2.0",
        VALUES,
        &[("crds/gadget.yaml", &definition("gadget", ", colour: {type: string}"))],
    );
    let shown = migration.plan("week-1/web").await.expect(3);
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("helm never changes a CRD that is there"), "{risks}");
    assert_eq!(shown.row("CustomResourceDefinition", "gadgets.trial.example")["change"], "same");

    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    let stays = shown.report["proposals"][0]["release"]["stays"].to_string();
    assert!(stays.contains("gadgets.trial.example"), "{stays}");
    migration.told(&["rollback", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let crd = ["get", "crd", "gadgets.trial.example", "-o", "name"];
    kubectl(&cluster.kubeconfig(), crd).await.expect_success();
    let crds = ["delete", "crd", "gadgets.trial.example", "gizmos.trial.example"];
    kubectl(&cluster.kubeconfig(), crds).await.expect_success();
}

async fn read_only_renders_without_the_cluster(cluster: &Cluster) {
    let namespace = cluster.namespace("looker").await;
    let migration = migration(cluster, namespace.name(), "");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    let shown = migration.told(&["--read-only", "plan", "week-1/web"]).await.expect(3);
    assert_eq!(shown.report["proposals"][0]["validated"], false);
    assert_eq!(shown.changes(), ["create Release/web", "create ConfigMap/web-settings"]);
    assert!(!migration.run_folder().exists(), "nothing is written to the run's folder");
}
