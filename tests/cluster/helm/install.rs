//! The way through: installed, verified, upgraded, taken back.

use libtest_mimic::Trial;
use migrate_tui::rehearsal::Identity;
use serde_json::{Value, json};

use super::charts::{SETTINGS, VALUES, WEB, chart_of, migration, release_row, standing, write_chart};
use crate::support::objects::snapshot;
use crate::support::{Cluster, Migration, trial};

pub fn trials() -> Vec<Trial> {
    vec![trial("helm::a_chart_is_installed_and_taken_back", a_chart_is_installed_and_taken_back)]
}

const KINDS: &str = "configmap,secret,deployment";

/// What `status` tells of the release.
async fn status_of(migration: &Migration, arguments: &[&str]) -> Value {
    let told = migration.told(&[&["status"], arguments].concat()).await;
    let release = &told.report["stages"][0]["steps"][0]["release"];
    assert!(release.is_object(), "{:?}", told.output);
    release.clone()
}

async fn a_chart_is_installed_and_taken_back(cluster: &Cluster) {
    let namespace = cluster.namespace("release").await;
    let migration = migration(cluster, namespace.name(), "");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, WEB]);
    let before = snapshot(&cluster.kubeconfig(), namespace.name(), KINDS).await;

    let shown = migration.plan("week-1/web").await.expect(3);
    assert_eq!(
        shown.changes(),
        ["create Release/web", "create ConfigMap/web-settings", "create Deployment/web-web"]
    );
    assert_eq!(shown.row("ConfigMap", "web-settings")["carried"], true);
    assert_eq!(shown.report["proposals"][0]["release"]["chart"]["version"], "0.1.0");
    assert_eq!(standing(cluster, namespace.name(), "web").await, [""; 0], "looking installs nothing");
    assert!(shown.output.stderr.contains("release web: packaging chart chart"), "{}", shown.output.stderr);
    assert_eq!(status_of(&migration, &[]).await["history"], json!([]));

    let applied = migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    assert_eq!(applied.report["steps"][0]["standing"], "done");
    assert_eq!(standing(cluster, namespace.name(), "web").await, ["deployed small-0.1.0"]);
    let description = &super::charts::history(cluster, namespace.name(), "web").await[0]["description"];
    assert_eq!(description, &json!("migrate-tui trial/trial week-1/web attempt 2"));

    let told = status_of(&migration, &[]).await;
    let revision = &told["history"][0];
    assert_eq!((&revision["revision"], &revision["chart"]), (&json!(1), &json!("small-0.1.0")), "{told}");
    assert_eq!((&revision["status"], &revision["description"]), (&json!("deployed"), description), "{told}");
    let text = migration.run(&["status"]).await.stdout;
    assert!(text.contains("revision 1: deployed small-0.1.0 20"), "{text}");
    // Whoever may read everything but Secrets is told so.
    let told = status_of(&migration, &["--context", Identity::Viewer.context()]).await;
    let unknown = format!("may not list the Secrets of {}", namespace.name());
    assert!(told["unknown"].as_str().unwrap().contains(&unknown), "{told}");

    migration.told(&["verify", "week-1/web"]).await.expect(0);
    let again = migration.plan("week-1/web").await.expect(0);
    assert_eq!(release_row(&again)["change"], "same", "{:?}", again.changes());

    let shown = migration.told(&["rollback", "week-1/web"]).await.expect(3);
    assert_eq!(
        shown.changes(),
        ["delete Release/web", "delete Deployment/web-web", "delete ConfigMap/web-settings"]
    );
    migration.told(&["rollback", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    assert_eq!(snapshot(&cluster.kubeconfig(), namespace.name(), KINDS).await, before);
    assert_eq!(standing(cluster, namespace.name(), "web").await, [""; 0]);
}
