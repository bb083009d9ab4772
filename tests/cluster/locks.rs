//! What a step requires before it may be applied.

use k8s_openapi::api::core::v1::ConfigMap;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::objects::{config_map, deployment};
use crate::support::{Cluster, Door, Migration, trial};
use crate::weeks::Week;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("locks::a_locked_step_is_refused_and_says_what_it_waits_for", a_locked_step),
        trial("locks::what_it_requires_is_asked_again_right_before_the_first_write", asked_again),
        trial("locks::what_a_step_before_brings_is_asked_when_its_turn_comes", in_a_stage),
        trial("locks::production_is_locked_until_staging_has_issued", production),
    ]
}

/// Where the step stands by `status`.
async fn status(migration: &Migration, step: &str) -> Value {
    let told = migration.told(&["status"]).await;
    let stages = told.report["stages"].as_array().unwrap();
    let mut steps = stages.iter().flat_map(|stage| stage["steps"].as_array().unwrap());
    steps.find(|one| one["step"] == step).unwrap().clone()
}

async fn a_locked_step(cluster: &Cluster) {
    let place = cluster.namespace("locked").await;
    let app = "requires: [{rollout: Deployment/web}]";
    let web = "gates: [{rollout: Deployment/web}]";
    let migration = Migration::new(cluster, place.name(), &[("web", web), ("app", app)]);
    migration.write("web", &[deployment("web", "registry.example/web:1", &[])]);
    migration.write("app", &[config_map("app", json!({}))]);
    let refused = migration.plan("week-1/app").await.expect(5);
    let problems = refused.problems();
    assert!(
        problems.contains("week-1/app is locked until this holds: Deployment/web is not there"),
        "{problems}"
    );
    assert!(problems.contains("do week-1/web first, which waits for it"), "{problems}");
    let digest = refused.report["proposals"][0]["digest"].as_str().unwrap().to_owned();
    migration.told(&["apply", "week-1/app", "--approve", &digest]).await.expect(5);
    let locked = status(&migration, "week-1/app").await["locked"].to_string();
    let told = "rollout of Deployment/web complete; seen: Deployment/web is not there; do week-1/web first";
    assert!(locked.contains(told), "{locked}");

    migration.apply("week-1/web").await.expect(0);
    assert_eq!(status(&migration, "week-1/app").await["locked"], Value::Null);
    let applied = migration.apply("week-1/app").await.expect(0);
    let required = &applied.report["proposals"][0]["requires"][0];
    assert_eq!((&required["holds"], &required["simulated"]), (&json!(true), &json!(true)), "{required}");
}

async fn asked_again(cluster: &Cluster) {
    let place = cluster.namespace("locked-late").await;
    // Asked by the look, by the look of the apply, and by the apply.
    let door = Door::open_for(2).await;
    let migration = Migration::new(cluster, place.name(), &[("app", &door.requirement())]);
    migration.write("app", &[config_map("app", json!({}))]);
    let digest = migration.plan("week-1/app").await.expect(3).digest();
    let stopped = migration.told(&["apply", "week-1/app", "--approve", &digest]).await.expect(5);
    assert!(stopped.problems().contains("week-1/app is locked until this holds"), "{}", stopped.problems());
    assert_eq!(stopped.report["summary"], "stopped before anything was written");
    assert!(place.api::<ConfigMap>().get_opt("app").await.unwrap().is_none());
    door.open();
    migration.apply("week-1/app").await.expect(0);
}

async fn in_a_stage(cluster: &Cluster) {
    let place = cluster.namespace("locked-stage").await;
    let door = Door::closed().await;
    let app = "requires: [{rollout: Deployment/web}]";
    let migration = Migration::new(cluster, place.name(), &[("web", &door.gate()), ("app", app)]);
    migration.write("web", &[deployment("web", "registry.example/web:1", &[])]);
    migration.write("app", &[config_map("app", json!({}))]);
    let shown = migration.plan("week-1").await.expect(3);
    let required = &shown.report["proposals"][1]["requires"][0];
    assert_eq!(
        (&required["holds"], &required["says"]),
        (&json!(false), &json!("Deployment/web is not there"))
    );
    let apply = ["apply", "week-1", "--approve", &shown.digest(), "-o", "json"];
    let running = migration.start(&apply);
    door.knocked().await;
    crate::support::kubectl(&cluster.kubeconfig(), ["delete", "deployment", "web", "-n", place.name()])
        .await
        .expect_success();
    door.open();
    let stopped = crate::support::Told::read(running.finish().await).expect(6);
    assert!(stopped.problems().contains("week-1/app is locked until this holds"), "{}", stopped.problems());
    assert!(place.api::<ConfigMap>().get_opt("app").await.unwrap().is_none());
}

async fn production(cluster: &Cluster) {
    let week = Week::begin_in(cluster, "prod", "week-4").await;
    let migration = &week.migration;
    let refused = migration.plan("week-4/issuer-production").await.expect(5).problems();
    assert!(refused.contains("cert-manager usually brings it"), "{refused}");
    assert!(refused.contains("week-4/issuer-production is locked until this holds"), "{refused}");
    assert!(refused.contains("do week-4/trial-certificate first"), "{refused}");
    // The charts have ServiceMonitors.
    for step in ["week-3/monitoring-namespace", "week-3/prometheus"] {
        migration.apply(step).await.expect(0);
    }
    let shown = migration.plan("week-4").await.expect(3);
    let issuer = shown.report["proposals"].as_array().unwrap().iter();
    let issuer = issuer.clone().find(|one| one["step"] == "week-4/issuer-production").unwrap();
    assert_eq!(issuer["requires"][0]["holds"], false, "the trial certificate is a step before it");
    migration.told(&["apply", "week-4", "--approve", &shown.digest()]).await.expect(0);
    week.rehearsal.shut_down().await;
}
