//! The whole plan that `init` writes, each environment to green and back, on a cluster of its own. Charts are stand-ins.

use std::collections::BTreeSet;

use libtest_mimic::Trial;
use migrate_tui::rehearsal::{BootOptions, boot};
use serde_json::Value;

use crate::helm::charts::helm_program;
use crate::import::tree;
use crate::support::{Cluster, Migration, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    // Production has all that the others have, and the locked issuer.
    vec![trial("import_weeks::prod_goes_to_green_and_back", |cluster| there_and_back(cluster, "prod"))]
}

/// What a cluster has outside of namespaces, and the namespaces.
const WIDE: &str = "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings,ingressclasses,\
                    priorityclasses,persistentvolumes,apiservices,validatingwebhookconfigurations";

/// Applies a week at one go, with what a person ticks before and in between.
async fn week(migration: &Migration, week: &str) -> Vec<String> {
    for _ in 0..20 {
        let shown = migration.plan(week).await.expect_one_of(&[0, 3, 5]);
        if shown.output.code == 0 {
            break;
        }
        let stops = shown.report["stopsBefore"].as_str().map(str::to_owned);
        if shown.report["digest"].is_null() {
            let stops = stops.unwrap_or_else(|| panic!("{}", shown.problems()));
            migration.told(&["tick", &stops, "--note", "in a rehearsal"]).await.expect(0);
            continue;
        }
        migration.told(&["apply", week, "--approve", &shown.digest()]).await.expect(0);
    }
    for (step, _) in open(migration, week).await {
        migration.told(&["tick", &step, "--note", "in a rehearsal"]).await.expect(0);
    }
    open(migration, week).await.into_iter().map(|(step, standing)| format!("{step} {standing}")).collect()
}

/// The steps of a week that are not done, and where each stands.
async fn open(migration: &Migration, week: &str) -> Vec<(String, String)> {
    let status = migration.told(&["status"]).await;
    let stages = status.report["stages"].as_array().unwrap();
    let steps = stages.iter().find(|stage| stage["id"] == week).unwrap()["steps"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = steps.iter().map(|step| (text(&step["step"]), text(&step["standing"])));
    all.filter(|(_, standing)| standing != "done").collect()
}

async fn there_and_back(cluster: &Cluster, environment: &str) {
    let runs = tempfile::tempdir().unwrap();
    let options = BootOptions { runs: Some(runs.path().to_owned()), ..BootOptions::default() };
    let rehearsal = boot(&cluster.binary, &options, |_| {}).await.unwrap();
    let kubeconfig = rehearsal.kubeconfig_path();
    let folder = tree("47-behind-a-proxy", "tea");
    let mut migration = Migration::in_folder(kubeconfig.clone(), folder, environment);
    migration.home.set("MIGRATE_TUI_STAND_INS", rehearsal.folder().path().as_os_str());
    migration.home.set("MIGRATE_TUI_HELM", helm_program(cluster).as_os_str());
    let wide = async || -> BTreeSet<String> {
        let told = kubectl(&kubeconfig, ["get", WIDE, "-o", "name"]).await.expect_success();
        told.lines().map(str::to_owned).collect()
    };
    let before = wide().await;
    for stage in ["week-1", "week-2", "week-3", "week-4"] {
        assert_eq!(week(&migration, stage).await, [""; 0], "{stage} of {environment}");
    }
    let namespace = format!("tea-{environment}");
    let path = "jsonpath={range .items[*]}{.metadata.name} {.spec.issuerRef.name} {.status.conditions[?(@.type=='Ready')].status}{'\\n'}{end}";
    let issued = kubectl(&kubeconfig, ["get", "certificates", "-n", &namespace, "-o", path]).await;
    let issuer = if environment == "prod" { "letsencrypt-production" } else { "letsencrypt-staging" };
    let mut expected: Vec<String> =
        ["api-tls", "mailbox-tls", "web-tls"].iter().map(|name| format!("{name} {issuer} True")).collect();
    if environment == "prod" {
        expected.insert(2, "web-trial letsencrypt-staging True".to_owned());
        expected.sort();
    }
    let mut issued: Vec<String> = issued.expect_success().lines().map(str::to_owned).collect();
    issued.sort();
    assert_eq!(issued, expected);
    for stage in ["week-4", "week-3", "week-1"] {
        migration.rollback_with_leftovers(stage).await.expect(0);
    }
    assert_eq!(wide().await, before);
    rehearsal.shut_down().await;
}
