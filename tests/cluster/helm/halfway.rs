//! A release that failed or was cut off: what helm would do about it is shown and confirmed, never done blindly.

use libtest_mimic::Trial;
use serde_json::json;

use super::charts::{SETTINGS, VALUES, chart_of, failing_hook, helm, migration_of, standing, write_chart};
use super::stuck::{in_the_middle, kill_both, let_run, upgrading};
use crate::support::objects::live;
use crate::support::{Cluster, Migration, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::a_failed_install_is_installed_anew_with_its_hooks", a_failed_install),
        trial("helm::a_killed_install_is_told_before_it_is_cleared_away", a_killed_install),
        trial("helm::a_killed_upgrade_leaves_a_colleagues_edit", a_killed_upgrade),
        trial("helm::a_release_of_the_third_helms_kind_goes_back_over_an_edit", third_kind_goes_back),
    ]
}

const AFTER: (&str, &str) = (
    "templates/after.yaml",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-after, \
     annotations: {\"helm.sh/hook\": post-install}}\ndata: {a: b}\n",
);
const BYE: (&str, &str) = (
    "templates/bye.yaml",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-bye, \
     annotations: {\"helm.sh/hook\": pre-delete}}\ndata: {a: b}\n",
);
const JOB: &str = "templates/job.yaml";

async fn a_failed_install(cluster: &Cluster) {
    let namespace = cluster.namespace("failed-install").await;
    let migration = migration_of(cluster, namespace.name(), "helm:\n  chart: chart");
    let failing = failing_hook("migrate", "post-install");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, BYE, (JOB, &failing)]);
    migration.apply("week-1/web").await.expect(6);
    std::fs::remove_file(chart_of(&migration).join(JOB)).unwrap();
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[AFTER]);

    let shown = migration.told(&["resume", "week-1/web"]).await.expect(3);
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("then installs anew") && risks.contains("ConfigMap/web-after"), "{risks}");
    assert!(risks.contains("runs its hooks for that: ConfigMap/web-bye"), "{risks}");
    assert_eq!(standing(cluster, namespace.name(), "web").await, ["failed small-0.1.0"], "only shown");
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    assert_eq!(standing(cluster, namespace.name(), "web").await, ["deployed small-0.1.0"]);
    let after = live(&cluster.kubeconfig(), namespace.name(), "configmap/web-after").await;
    assert_eq!(after["data"]["a"], "b", "the hook that only an install runs has run");

    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    let release = &shown.report["proposals"][0]["release"];
    assert_eq!(release["hooks"][0]["key"]["name"], "web-bye", "{release}");
    assert_eq!(release["hooks"][0]["key"]["namespace"], namespace.name(), "{release}");
    assert!(release["stays"].to_string().contains("web-after"), "{release}");
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("pre-delete: helm runs it"), "{risks}");
}

async fn a_killed_install(cluster: &Cluster) {
    let namespace = cluster.namespace("killed-install").await;
    let migration = migration_of(cluster, namespace.name(), "deadline: 2m\nhelm:\n  chart: chart");
    let waiting = failing_hook("migrate", "post-install").replace("Seconds: 1", "Seconds: 600");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, BYE, (JOB, &waiting)]);
    let child = in_the_middle(cluster, &migration, namespace.name()).await;
    kill_both(&migration, child, namespace.name()).await;
    std::fs::remove_file(chart_of(&migration).join(JOB)).unwrap();

    let shown = migration.told(&["resume", "week-1/web"]).await.expect(3);
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("first uninstalls what there is of it"), "{risks}");
    assert!(risks.contains("runs its hooks for that: ConfigMap/web-bye"), "{risks}");
    assert_eq!(standing(cluster, namespace.name(), "web").await, ["pending-install small-0.1.0"]);
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    assert_eq!(standing(cluster, namespace.name(), "web").await, ["deployed small-0.1.0"]);
}

/// Installed by hand, the way that the third generation of helm writes.
async fn installed_by_hand(cluster: &Cluster, migration: &Migration, namespace: &str) {
    let chart = chart_of(migration);
    let mut theirs = vec!["install", "web", chart.to_str().unwrap(), "--description", "by hand"];
    let version = helm(cluster, namespace, &["version", "--template", "{{.Version}}"]).await;
    if version.stdout.starts_with("v4") {
        theirs.push("--server-side=false");
    }
    helm(cluster, namespace, &theirs).await.expect_success();
}

async fn edited(cluster: &Cluster, namespace: &str) {
    let body = json!({"data": {"level": "trace"}}).to_string();
    let patch = ["-n", namespace, "patch", "configmap", "web-settings", "--type=merge", "-p", &body];
    let patch = [&patch[..], &["--field-manager=colleague"]].concat();
    kubectl(&cluster.kubeconfig(), patch).await.expect_success();
}

async fn a_killed_upgrade(cluster: &Cluster) {
    let namespace = cluster.namespace("killed-upgrade").await;
    let migration = migration_of(cluster, namespace.name(), "deadline: 2m\nhelm:\n  chart: chart");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    installed_by_hand(cluster, &migration, namespace.name()).await;
    upgrading(&migration, "trial-edited");
    let child = in_the_middle(cluster, &migration, namespace.name()).await;
    kill_both(&migration, child, namespace.name()).await;
    let_run(cluster, "trial-edited").await;
    edited(cluster, namespace.name()).await;

    let refused = migration.told(&["resume", "week-1/web"]).await.expect(5);
    assert!(refused.problems().contains("data.level by colleague"), "{}", refused.problems());
    let risks = refused.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("helm writes over that when it goes back to revision 1: data.level"), "{risks}");
    let settings = live(&cluster.kubeconfig(), namespace.name(), "configmap/web-settings").await;
    assert_eq!(settings["data"]["level"], "trace", "a look overwrites nothing");
}

async fn third_kind_goes_back(cluster: &Cluster) {
    let namespace = cluster.namespace("third-kind").await;
    let migration = migration_of(cluster, namespace.name(), "helm:\n  chart: chart");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    installed_by_hand(cluster, &migration, namespace.name()).await;
    write_chart(&chart_of(&migration), "0.2.0", "level: debug\n", &[]);
    migration.apply("week-1/web").await.expect(0);
    edited(cluster, namespace.name()).await;
    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    assert_eq!(shown.row("ConfigMap", "web-settings")["adoptions"][0]["manager"], "colleague");
    migration.told(&["rollback", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let settings = live(&cluster.kubeconfig(), namespace.name(), "configmap/web-settings").await;
    assert_eq!(settings["data"]["level"], "info");
    assert_eq!(standing(cluster, namespace.name(), "web").await.last().unwrap(), "deployed small-0.1.0");
}
