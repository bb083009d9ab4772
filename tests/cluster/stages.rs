//! Whole stages at one go: what a step needs of those before it is known after them, and looked at again then.

use k8s_openapi::api::core::v1::ConfigMap;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::objects::{config_map, namespace};
use crate::support::{Cluster, Door, Migration, Namespace, kubectl, trial};
use crate::weeks::Week;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("stages::weeks_3_and_4_are_applied_at_one_go_each", weeks_3_and_4),
        trial("stages::kinds_and_namespaces_of_earlier_steps_are_known_after_them", known_after),
        trial("stages::what_someone_made_before_its_turn_stops_the_stage_and_is_asked", made_before_its_turn),
    ]
}

async fn weeks_3_and_4(cluster: &Cluster) {
    let week = Week::begin(cluster, "staging", "week-3").await;
    let migration = &week.migration;
    // By itself, its chart's ServiceMonitor is refused with what brings that kind.
    let alone = migration.plan("week-4/ingress-controller").await.expect(5).problems();
    assert!(alone.contains("the Prometheus operator usually brings it"), "{alone}");
    let refused = migration.plan("week-3").await.expect(5);
    assert_eq!(refused.report["stopsBefore"], "week-3/retention", "{}", refused.report);
    for item in ["retention", "chart-versions"] {
        migration.told(&["tick", &format!("week-3/{item}")]).await.expect(0);
    }
    let shown = migration.plan("week-3").await.expect(3);
    assert_eq!(shown.report["stopsBefore"], "week-3/object-store");
    migration.told(&["tick", "week-3/object-store", "--note", "in a rehearsal"]).await.expect(0);

    let shown = migration.plan("week-3").await.expect(3);
    assert_eq!(shown.report["stopsBefore"], Value::Null);
    let after = |kind: &str, name: &str| shown.row(kind, name)["knownAfter"].clone();
    assert_eq!(after("Deployment", "jaeger"), "Namespace/monitoring");
    assert_eq!(after("PodMonitor", "services"), "CustomResourceDefinition/podmonitors.monitoring.coreos.com");
    let applied = migration.told(&["apply", "week-3", "--approve", &shown.digest()]).await.expect(0);
    assert_eq!(applied.report["proposals"].as_array().unwrap().len(), 6);
    assert!(applied.rows().iter().all(|row| row["knownAfter"].is_null() || row["carried"] == true));

    let shown = migration.plan("week-4").await.expect(3);
    let issuer = shown.row("ClusterIssuer", "letsencrypt-staging");
    assert_eq!(issuer["knownAfter"], "CustomResourceDefinition/clusterissuers.cert-manager.io");
    migration.told(&["apply", "week-4", "--approve", &shown.digest()]).await.expect(0);
    migration.told(&["tick", "week-4/certificate"]).await.expect(0);
    week.rehearsal.shut_down().await;
}

fn widget_crd(group: &str) -> Value {
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("widgets.{group}")},
        "spec": {"group": group, "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})
}

async fn known_after(cluster: &Cluster) {
    let (place, group) = ("stages-known-after", "known.stages.example.com");
    let migration = Migration::new(cluster, place, &[("ground", ""), ("widgets", "")]);
    let widget = json!({"apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": {"name": "one"}});
    migration.write("ground", &[namespace(place), widget_crd(group)]);
    migration.write("widgets", &[widget, config_map("settings", json!({"a": "1"}))]);
    // By itself it cannot be: nothing before it brings what it needs.
    let alone = migration.plan("week-1/widgets").await.expect(5).problems();
    assert!(
        alone.contains("Namespace/stages-known-after") && alone.contains("does not serve this kind"),
        "{alone}"
    );

    let shown = migration.plan("week-1").await.expect(3);
    let after = |kind: &str, name: &str| shown.row(kind, name)["knownAfter"].clone();
    assert_eq!(after("Widget", "one"), format!("CustomResourceDefinition/widgets.{group}"));
    assert_eq!(after("ConfigMap", "settings"), format!("Namespace/{place}"));
    migration.told(&["apply", "week-1", "--approve", &shown.digest()]).await.expect(0);
    let reviewed = migration.journal().iter().filter(|entry| entry["event"]["type"] == "reviewed").count();
    assert_eq!(reviewed, 1, "it was looked at again when its turn came");
    migration.rollback("week-1").await.expect(0);
}

async fn made_before_its_turn(cluster: &Cluster) {
    let name = "stages-made-before";
    let door = Door::closed().await;
    let migration = Migration::new(cluster, name, &[("ground", &door.gate()), ("app", ""), ("more", "")]);
    migration.write("ground", &[namespace(name)]);
    migration.write("app", &[config_map("settings", json!({"level": "info"}))]);
    migration.write("more", &[config_map("more", json!({}))]);
    let digest = migration.plan("week-1").await.expect(3).digest();
    let running = migration.start(&["apply", "week-1", "--approve", &digest, "-o", "json"]);
    door.knocked().await;
    let literal = ["create", "configmap", "settings", "--from-literal=level=debug", "-n", name];
    kubectl(&cluster.kubeconfig(), literal).await.expect_success();
    door.open();
    let stopped = crate::support::Told::read(running.finish().await).expect(4);
    assert_eq!(stopped.report["steps"][0]["standing"], "done", "{}", stopped.report);
    let unlike = stopped.report["steps"][1]["attempt"]["unlike"].to_string();
    assert!(unlike.contains("ConfigMap/settings is there already"), "{unlike}");
    let place = Namespace::existing(cluster.client(), name);
    let maps = place.api::<ConfigMap>();
    let level = |map: ConfigMap| map.data.unwrap().remove("level").unwrap();
    assert_eq!(level(maps.get("settings").await.unwrap()), "debug", "it was left as it is");
    assert!(maps.get_opt("more").await.unwrap().is_none(), "nothing behind it was written");

    let asked = stopped.row("ConfigMap", "settings");
    assert_eq!((asked["change"].as_str(), asked["knownAfter"].as_str()), (Some("adopt"), None));
    migration.told(&["apply", "week-1", "--approve", &digest]).await.expect(4);
    migration.told(&["apply", "week-1", "--approve", &stopped.digest()]).await.expect(0);
    assert_eq!(level(maps.get("settings").await.unwrap()), "info");
    migration.rollback("week-1").await;
}
