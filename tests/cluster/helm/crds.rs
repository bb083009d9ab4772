//! CRDs that are there already and belong to somebody else.

use libtest_mimic::Trial;

use super::charts::{SETTINGS, chart_of, helm, migration, standing, write_chart};
use crate::support::{Cluster, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![trial("helm::crds_of_somebody_else_are_left_where_they_are", of_somebody_else)]
}

const VALUES: &str = "level: info\ncrds: {enabled: true}\n";
const NAME: &str = "widgets.taken.example";
const DEFINITION: (&str, &str) = (
    "templates/widgets.yaml",
    "{{ if .Values.crds.enabled }}\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
     metadata: {name: widgets.taken.example}\nspec:\n  group: taken.example\n  scope: Namespaced\n  \
     names: {kind: Widget, plural: widgets, singular: widget}\n  \
     versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]\n{{ end }}\n",
);

async fn of_somebody_else(cluster: &Cluster) {
    let theirs = cluster.namespace("crds-theirs").await;
    let ours = cluster.namespace("crds-ours").await;
    let migration = migration(cluster, ours.name(), "values: [values.yaml]");
    let values = migration.folder().join("values.yaml");
    std::fs::write(&values, "level: debug\n").unwrap();
    let chart = chart_of(&migration);
    write_chart(&chart, "0.1.0", VALUES, &[SETTINGS, DEFINITION]);
    let install = ["install", "operator", chart.to_str().unwrap()];
    helm(cluster, theirs.name(), &install).await.expect_success();

    let refused = migration.plan("week-1/web").await.expect(5).problems();
    let whose = format!("it belongs to the release operator in {}", theirs.name());
    assert!(refused.contains(NAME) && refused.contains(&whose), "{refused}");
    assert!(refused.contains("take every object of its kind with it"), "{refused}");

    std::fs::write(&values, "crds: {enabled: false}\n").unwrap();
    migration.apply("week-1/web").await.expect(0);
    migration.rollback("week-1/web").await.expect(0);
    kubectl(&cluster.kubeconfig(), ["get", "crd", NAME, "-o", "name"]).await.expect_success();
    assert_eq!(standing(cluster, theirs.name(), "operator").await, ["deployed small-0.1.0"]);

    // Applied by hand, it is nobody's release at all.
    helm(cluster, theirs.name(), &["uninstall", "operator"]).await.expect_success();
    // Helm leaves before the API server has taken the kind out of service.
    let wait = ["wait", "--for=delete", "--timeout=60s", "crd", NAME];
    kubectl(&cluster.kubeconfig(), wait).await.expect_success();
    let by_hand = migration.folder().join("crd.yaml");
    std::fs::write(
        &by_hand,
        DEFINITION.1.lines().filter(|line| !line.starts_with("{{")).collect::<Vec<_>>().join("\n"),
    )
    .unwrap();
    let apply = ["apply", "--server-side", "-f", by_hand.to_str().unwrap()];
    kubectl(&cluster.kubeconfig(), apply).await.expect_success();
    std::fs::write(&values, "crds: {enabled: true}\n").unwrap();
    let refused = migration.plan("week-1/web").await.expect(5).problems();
    assert!(refused.contains(NAME) && refused.contains("made without helm"), "{refused}");
    kubectl(&cluster.kubeconfig(), ["delete", "crd", NAME]).await.expect_success();
}
