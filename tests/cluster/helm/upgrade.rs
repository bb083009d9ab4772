//! Upgrades, and the way back to the revision before, others' changes in between.

use libtest_mimic::Trial;
use serde_json::json;

use super::charts::{SETTINGS, VALUES, WEB, chart_of, helm, migration, release_row, standing, write_chart};
use crate::support::objects::{live, snapshot};
use crate::support::{Cluster, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::an_upgrade_goes_back_to_the_revision_before", an_upgrade_goes_back),
        trial("helm::what_others_changed_is_listed_before_helm_undoes_it", what_others_changed_is_listed),
        trial("helm::a_revision_of_someone_else_is_named", a_revision_of_someone_else_is_named),
        trial("helm::a_lost_history_is_said", a_lost_history_is_said),
        trial("helm::a_release_of_someone_else_goes_back_to_theirs", a_release_of_someone_else),
        trial("helm::what_is_rendered_otherwise_than_shown_is_told", rendered_otherwise),
    ]
}

const KINDS: &str = "configmap,deployment";
const EXTRA: (&str, &str) = (
    "templates/extra.yaml",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-extra}\ndata: {a: b}\n",
);

async fn an_upgrade_goes_back(cluster: &Cluster) {
    let namespace = cluster.namespace("upgrade").await;
    let migration =
        migration(cluster, namespace.name(), "values: [values.yaml]\nset: {level: \"${environment}\"}");
    std::fs::write(migration.folder().join("values.yaml"), "image: registry.example/web:5\nlevel: none\n")
        .unwrap();
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, WEB, EXTRA]);
    migration.apply("week-1/web").await.expect(0);
    let settings = live(&cluster.kubeconfig(), namespace.name(), "configmap/web-settings").await;
    assert_eq!(settings["data"]["level"], "trial", "what the plan sets wins over its files");
    let before = snapshot(&cluster.kubeconfig(), namespace.name(), KINDS).await;

    std::fs::remove_file(chart_of(&migration).join(EXTRA.0)).unwrap();
    std::fs::write(migration.folder().join("values.yaml"), "image: registry.example/web:6\n").unwrap();
    write_chart(&chart_of(&migration), "0.2.0", VALUES, &[]);
    let shown = migration.plan("week-1/web").await.expect(3);
    assert_eq!(
        shown.changes(),
        [
            "change Release/web",
            "same ConfigMap/web-settings",
            "change Deployment/web-web",
            "delete ConfigMap/web-extra"
        ]
    );
    let fields = release_row(&shown)["fields"].clone();
    assert!(fields.to_string().contains("small-0.2.0"), "{fields}");
    let history = &shown.report["proposals"][0]["release"]["history"];
    assert_eq!(history[0]["status"], "deployed", "{history}");
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let stands = standing(cluster, namespace.name(), "web").await;
    assert_eq!(stands, ["superseded small-0.1.0", "deployed small-0.2.0"]);

    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    assert_eq!(
        shown.changes(),
        [
            "revert Release/web",
            "recreate ConfigMap/web-extra",
            "same ConfigMap/web-settings",
            "revert Deployment/web-web"
        ]
    );
    migration.told(&["rollback", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    assert_eq!(snapshot(&cluster.kubeconfig(), namespace.name(), KINDS).await, before);
    let stands = standing(cluster, namespace.name(), "web").await;
    assert_eq!(stands, ["superseded small-0.1.0", "superseded small-0.2.0", "deployed small-0.1.0"]);

    // What was there before the first of all was nothing.
    migration.rollback("week-1/web").await.expect(0);
    assert_eq!(standing(cluster, namespace.name(), "web").await, [""; 0]);
}

async fn what_others_changed_is_listed(cluster: &Cluster) {
    let namespace = cluster.namespace("drift").await;
    let migration = migration(cluster, namespace.name(), "");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    migration.apply("week-1/web").await.expect(0);
    write_chart(&chart_of(&migration), "0.2.0", "level: debug\n", &[]);
    migration.apply("week-1/web").await.expect(0);
    let patch = [
        "-n",
        namespace.name(),
        "patch",
        "configmap",
        "web-settings",
        "--type=merge",
        "--field-manager=colleague",
    ];
    let body = json!({"data": {"level": "trace"}}).to_string();
    let arguments = [&patch[..], &["-p", &body]].concat();
    kubectl(&cluster.kubeconfig(), arguments).await.expect_success();

    // Forward, helm would stop at the colleague's field: nothing is confirmed that cannot come through.
    write_chart(&chart_of(&migration), "0.3.0", "level: warn\n", &[]);
    let refused = migration.plan("week-1/web").await.expect(5);
    assert!(refused.problems().contains("data.level by colleague"), "{}", refused.problems());

    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(
        risks.contains("colleague has changed it since, which helm undoes as well: data.level"),
        "{risks}"
    );
    assert_eq!(shown.row("ConfigMap", "web-settings")["adoptions"][0]["manager"], "colleague");
    migration.told(&["rollback", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let settings = live(&cluster.kubeconfig(), namespace.name(), "configmap/web-settings").await;
    assert_eq!(settings["data"]["level"], "info");
}

async fn a_revision_of_someone_else_is_named(cluster: &Cluster) {
    let namespace = cluster.namespace("others").await;
    let migration = migration(cluster, namespace.name(), "");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    migration.apply("week-1/web").await.expect(0);
    write_chart(&chart_of(&migration), "0.2.0", "level: debug\n", &[]);
    let shown = migration.plan("week-1/web").await.expect(3);
    let chart = chart_of(&migration);
    let theirs =
        ["upgrade", "web", chart.to_str().unwrap(), "--set", "level=theirs", "--description", "by hand"];
    helm(cluster, namespace.name(), &theirs).await.expect_success();
    // What was approved is no longer what stands.
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(4);

    migration.apply("week-1/web").await.expect(0);
    helm(cluster, namespace.name(), &theirs).await.expect_success();
    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("revision 4 was made by someone else") && risks.contains("by hand"), "{risks}");
    migration.told(&["rollback", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let settings = live(&cluster.kubeconfig(), namespace.name(), "configmap/web-settings").await;
    assert_eq!(settings["data"]["level"], "theirs", "the revision that stood before ours");
}

async fn a_lost_history_is_said(cluster: &Cluster) {
    let namespace = cluster.namespace("history").await;
    let migration = migration(cluster, namespace.name(), "");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    migration.apply("week-1/web").await.expect(0);
    write_chart(&chart_of(&migration), "0.2.0", "level: debug\n", &[]);
    migration.apply("week-1/web").await.expect(0);
    let secret = ["-n", namespace.name(), "delete", "secret", "sh.helm.release.v1.web.v1"];
    kubectl(&cluster.kubeconfig(), secret).await.expect_success();
    let refused = migration.told(&["rollback", "week-1/web"]).await.expect(5);
    assert!(refused.problems().contains("no longer has revision 1"), "{}", refused.problems());
}

/// Installed by hand, the way that the third generation of helm writes.
async fn a_release_of_someone_else(cluster: &Cluster) {
    let namespace = cluster.namespace("theirs").await;
    let migration = migration(cluster, namespace.name(), "set: {level: ours}");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, EXTRA]);
    let chart = chart_of(&migration);
    let mut theirs = vec!["install", "web", chart.to_str().unwrap(), "--description", "by hand"];
    if helm(cluster, namespace.name(), &["version", "--template", "{{.Version}}"])
        .await
        .stdout
        .starts_with("v4")
    {
        theirs.push("--server-side=false");
    }
    helm(cluster, namespace.name(), &theirs).await.expect_success();
    let before = snapshot(&cluster.kubeconfig(), namespace.name(), KINDS).await;
    std::fs::remove_file(chart_of(&migration).join(EXTRA.0)).unwrap();
    write_chart(&chart_of(&migration), "0.2.0", VALUES, &[]);
    let shown = migration.plan("week-1/web").await.expect(3);
    assert_eq!(
        shown.changes(),
        ["change Release/web", "change ConfigMap/web-settings", "delete ConfigMap/web-extra"]
    );
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    migration.told(&["verify", "week-1/web"]).await.expect(0);
    let again = migration.plan("week-1/web").await.expect(0);
    assert_eq!(release_row(&again)["change"], "same", "{:?}", again.changes());
    migration.rollback("week-1/web").await.expect(0);
    assert_eq!(snapshot(&cluster.kubeconfig(), namespace.name(), KINDS).await, before);
    assert_eq!(standing(cluster, namespace.name(), "web").await.last().unwrap(), "deployed small-0.1.0");
}

async fn rendered_otherwise(cluster: &Cluster) {
    let namespace = cluster.namespace("otherwise").await;
    let migration = migration(cluster, namespace.name(), "");
    let counting = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: counting}\n\
                    data: {revision: {{ .Release.Revision | quote }}}\n";
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, ("templates/counting.yaml", counting)]);
    let warnings = |migration: &crate::support::Migration| -> Vec<serde_json::Value> {
        let events = migration.journal().into_iter().map(|entry| entry["event"].clone());
        events.filter(|event| event["type"] == "row-done").map(|event| event["warnings"].clone()).collect()
    };
    migration.apply("week-1/web").await.expect(0);
    assert_eq!(warnings(&migration), [json!([])], "the first revision is 1, as it was rendered");
    write_chart(&chart_of(&migration), "0.2.0", VALUES, &[]);
    migration.apply("week-1/web").await.expect(0);
    let told = warnings(&migration)[1].to_string();
    assert!(told.contains("rendered ConfigMap/counting otherwise"), "{told}");
}
