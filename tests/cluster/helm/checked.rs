//! `check`, for charts: without a cluster.

use libtest_mimic::Trial;
use serde_json::json;

use super::charts::{SETTINGS, VALUES, WEB, chart_of, migration, migration_of, write_chart};
use super::sources::{publish, serve};
use crate::support::{Cluster, Migration, Output, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::check_renders_the_charts_of_a_plan", check_renders),
        trial("helm::check_pulls_charts_only_when_told_to", check_pulls_when_told),
    ]
}

async fn check(migration: &Migration, more: &[&str]) -> Output {
    let plan = migration.plan_file().to_str().unwrap().to_owned();
    migration.home.run([&["check", &plan], more].concat()).await
}

async fn check_renders(cluster: &Cluster) {
    let mut migration = migration(cluster, "nowhere", "set: {level: [1]}");
    migration.home.set("KUBECONFIG", "/nonexistent".as_ref());
    let schema = json!({"type": "object", "properties": {"level": {"type": "string"}}}).to_string();
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, WEB]);
    let found = check(&migration, &[]).await;
    assert_eq!(found.code, 0, "{found:?}");
    assert!(found.stdout.contains("trial week-1/web: 2 objects of chart chart"), "{}", found.stdout);

    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[("values.schema.json", &schema)]);
    let found = check(&migration, &[]).await;
    assert_eq!(found.code, 1, "{found:?}");
    let said = found.stdout;
    assert!(said.contains("trial, week-1/web: chart") && said.contains("level"), "{said}");
    assert!(said.contains("the chart's own schema refuses them"), "{said}");
    assert!(said.contains("1 error"), "{said}");

    migration.home.set("MIGRATE_TUI_HELM", "/nonexistent/helm".as_ref());
    let found = check(&migration, &[]).await;
    assert_eq!(found.code, 0, "{found:?}");
    assert!(found.stdout.contains("charts not looked at: week-1/web"), "{}", found.stdout);
    assert!(found.stdout.contains("install helm"), "{}", found.stdout);
}

async fn check_pulls_when_told(cluster: &Cluster) {
    let folder = tempfile::tempdir().unwrap();
    let url = serve(folder.path().to_owned()).await;
    publish(cluster, folder.path(), &url, "info").await;
    let step = format!("helm: {{chart: small, repository: \"{url}\", version: 1.2.3}}");
    let migration = migration_of(cluster, "nowhere", &step);
    let found = check(&migration, &[]).await;
    assert_eq!(found.code, 0, "{found:?}");
    let said = "charts not looked at: week-1/web: it comes from elsewhere, and --pull-charts was not given";
    assert!(found.stdout.contains(said), "{}", found.stdout);
    let found = check(&migration, &["--pull-charts"]).await;
    assert_eq!(found.code, 0, "{found:?}");
    assert!(found.stdout.contains(&format!("1 object of chart small of {url}")), "{}", found.stdout);
    assert!(found.stderr.contains(&format!("pulling chart small of {url} 1.2.3")), "{}", found.stderr);
}
