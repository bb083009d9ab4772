//! What gets in the way of a release, said before anything is confirmed, or mended after it.

use libtest_mimic::Trial;
use serde_json::json;

use super::charts::{
    SETTINGS, VALUES, chart_of, failing_hook, helm_program, migration, migration_of, standing, write_chart,
};
use crate::support::objects::config_map;
use crate::support::{Cluster, Migration, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::a_registry_that_does_not_answer_is_named", a_registry_that_does_not_answer_is_named),
        trial("helm::values_that_the_chart_refuses_are_named", values_that_the_chart_refuses_are_named),
        trial("helm::an_object_of_someone_else_is_no_part_of_a_release", an_object_of_someone_else),
        trial("helm::a_quota_stops_helm_and_the_release_goes_back", a_quota_stops_helm),
        trial("helm::a_hook_that_fails_is_named", a_hook_that_fails_is_named),
        trial("helm::no_helm_is_said", no_helm_is_said),
        trial("helm::a_namespace_that_is_not_there_is_waited_for", a_namespace_that_is_not_there),
    ]
}

async fn a_registry_that_does_not_answer_is_named(cluster: &Cluster) {
    let namespace = cluster.namespace("registry").await;
    let step = "helm: {chart: \"oci://127.0.0.1:1/charts/web\", version: 1.0.0}";
    let migration = migration_of(cluster, namespace.name(), step);
    let refused = migration.plan("week-1/web").await.expect(5);
    let problems = refused.problems();
    assert!(problems.contains("connection refused") && problems.contains("can be reached"), "{problems}");

    let step = "helm: {chart: web, repository: \"http://127.0.0.1:1\", version: 1.0.0}";
    let migration = migration_of(cluster, namespace.name(), step);
    let refused = migration.plan("week-1/web").await.expect(5);
    assert!(refused.problems().contains("connection refused"), "{}", refused.problems());
}

async fn values_that_the_chart_refuses_are_named(cluster: &Cluster) {
    let namespace = cluster.namespace("schema").await;
    let migration = migration(cluster, namespace.name(), "set: {level: [1]}");
    let schema = json!({"type": "object", "properties": {"level": {"type": "string"}}}).to_string();
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, ("values.schema.json", &schema)]);
    let refused = migration.plan("week-1/web").await.expect(5);
    let problems = refused.problems();
    assert!(
        problems.contains("level") && problems.contains("the chart's own schema refuses them"),
        "{problems}"
    );
}

async fn an_object_of_someone_else(cluster: &Cluster) {
    let namespace = cluster.namespace("foreign").await;
    namespace.apply(config_map("web-settings", json!({"level": "mine"}))).await;
    let migration = migration(cluster, namespace.name(), "");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    let refused = migration.plan("week-1/web").await.expect(5);
    let problems = refused.problems();
    assert!(
        problems.contains("made without helm") && problems.contains("meta.helm.sh/release-name=web"),
        "{problems}"
    );
}

async fn a_quota_stops_helm(cluster: &Cluster) {
    let namespace = cluster.namespace("quota").await;
    let migration = migration(cluster, namespace.name(), "");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    migration.apply("week-1/web").await.expect(0);
    let more: Vec<String> = (0..3)
        .map(|number| format!("apiVersion: v1\nkind: Service\nmetadata: {{name: more-{number}}}\nspec: {{ports: [{{port: 80}}]}}\n"))
        .collect();
    write_chart(&chart_of(&migration), "0.2.0", VALUES, &[("templates/more.yaml", &more.join("---\n"))]);
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few"},
        "spec": {"hard": {"services": "1"}}});
    namespace.apply(quota).await;
    crate::support::wait_until("the quota counts", || async {
        let quota =
            crate::support::objects::live(&cluster.kubeconfig(), namespace.name(), "resourcequota/few").await;
        if quota["status"]["hard"]["services"] == "1" { Ok(()) } else { Err(quota.to_string()) }
    })
    .await;
    let stopped = migration.apply("week-1/web").await.expect(6);
    assert!(stopped.problems().contains("exceeded quota"), "{}", stopped.problems());
    let stands = standing(cluster, namespace.name(), "web").await;
    assert_eq!(stands, ["deployed small-0.1.0", "failed small-0.2.0"]);
    let refused = migration.told(&["resume", "week-1/web"]).await.expect(5);
    assert!(refused.problems().contains("raise the quota"), "{}", refused.problems());

    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    assert!(shown.changes().contains(&"delete Service/more-0".to_owned()), "{:?}", shown.changes());

    kubectl(&cluster.kubeconfig(), ["-n", namespace.name(), "delete", "resourcequota", "few"])
        .await
        .expect_success();
    let shown = migration.told(&["resume", "week-1/web"]).await.expect(3);
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let stands = standing(cluster, namespace.name(), "web").await;
    assert_eq!(stands.last().unwrap(), "deployed small-0.2.0");
    migration.rollback("week-1/web").await.expect(0);
    let stands = standing(cluster, namespace.name(), "web").await;
    assert_eq!(stands.last().unwrap(), "deployed small-0.1.0");
}

async fn a_hook_that_fails_is_named(cluster: &Cluster) {
    let namespace = cluster.namespace("hook").await;
    let migration = migration(cluster, namespace.name(), "");
    let failing = failing_hook("migrate", "pre-install,pre-upgrade");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, ("templates/job.yaml", &failing)]);
    let shown = migration.plan("week-1/web").await.expect(3);
    let release = &shown.report["proposals"][0]["release"];
    assert_eq!(release["hooks"][0]["events"], json!(["pre-install", "pre-upgrade"]));
    assert!(release["stays"].to_string().contains("web-migrate"), "{release}");
    let stopped = migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(6);
    let problems = stopped.problems();
    assert!(problems.contains("the hook Job/web-migrate has failed"), "{problems}");
    assert!(problems.contains("logs job/web-migrate"), "{problems}");
    migration.rollback("week-1/web").await.expect(0);
    assert_eq!(standing(cluster, namespace.name(), "web").await, [""; 0]);
}

async fn no_helm_is_said(cluster: &Cluster) {
    let namespace = cluster.namespace("helmless").await;
    let mut migration = Migration::new(cluster, namespace.name(), &[("web", "helm: {chart: chart}")]);
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    migration.home.set("MIGRATE_TUI_HELM", "/nonexistent/helm".as_ref());
    let refused = migration.plan("week-1/web").await.expect(5);
    assert!(refused.problems().contains("install helm 3.18 or newer"), "{}", refused.problems());
}

async fn a_namespace_that_is_not_there(cluster: &Cluster) {
    let name = "helm-later";
    let steps = [("ground", ""), ("web", "helm: {chart: chart}")];
    let mut migration = Migration::new(cluster, name, &steps);
    migration.home.set("MIGRATE_TUI_HELM", helm_program(cluster).as_os_str());
    migration.write("ground", &[crate::support::objects::namespace(name)]);
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    let shown = migration.plan("week-1").await.expect(3);
    assert_eq!(shown.row("ConfigMap", "web-settings")["knownAfter"], format!("Namespace/{name}"));
    migration.told(&["apply", "week-1", "--approve", &shown.digest()]).await.expect(0);
    // The release's own Secrets do not keep its namespace from going.
    migration.rollback("week-1").await.expect(0);
    let gone = kubectl(&cluster.kubeconfig(), ["get", "namespace", name]).await;
    assert!(gone.stderr.contains("NotFound"), "{gone:?}");
}
