//! In a rehearsal, charts are stand-ins.

use libtest_mimic::Trial;

use super::charts::{migration_of, standing};
use crate::support::{Cluster, Migration, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::a_rehearsals_chart_stands_in", stands_in),
        trial("helm::a_chart_without_a_stand_in_is_refused", refused),
        trial("helm::stand_ins_are_for_their_own_cluster_only", own_cluster_only),
    ]
}

fn practised(cluster: &Cluster, namespace: &str, source: &str) -> Migration {
    let mut migration = migration_of(cluster, namespace, &format!("helm: {{{source}}}"));
    migration.home.set("MIGRATE_TUI_STAND_INS", cluster.run_folder().as_os_str());
    migration
}

async fn stands_in(cluster: &Cluster) {
    let namespace = cluster.namespace("stand-in").await;
    // The version is the plan's, whatever the stand-in's own is.
    for source in [
        "chart: \"oci://registry.example/their/jaeger\", version: 9.8.7",
        "chart: jaeger, repository: \"https://charts.example\", version: 9.8.7",
    ] {
        let migration = practised(cluster, namespace.name(), source);
        let shown = migration.plan("week-1/web").await.expect(3);
        let proposal = &shown.report["proposals"][0];
        let risks = proposal["risks"].to_string();
        assert!(risks.contains("stand-in chart") && risks.contains(".example"), "{risks}");
        assert_eq!(proposal["release"]["chart"]["version"], "9.8.7");
        assert!(!risks.contains("another archive"), "{risks}");
        assert_eq!(migration.plan("week-1/web").await.digest(), shown.digest(), "it is made once");
    }
    assert_eq!(standing(cluster, namespace.name(), "web").await, [""; 0], "looking installs nothing");
}

async fn refused(cluster: &Cluster) {
    let namespace = cluster.namespace("stand-in").await;
    let source = "chart: \"oci://registry.example/their/shop\", version: 1.2.3";
    let problems = practised(cluster, namespace.name(), source).plan("week-1/web").await.expect(5).problems();
    assert!(problems.contains("no stand-in") && problems.contains("--real-charts"), "{problems}");
    assert!(problems.contains("kube-prometheus-stack"), "it names those that there are: {problems}");
}

async fn own_cluster_only(cluster: &Cluster) {
    let namespace = cluster.namespace("stand-in").await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    let services = serde_json::to_value(&cluster.services).unwrap();
    let text = services.to_string().replace(services["api_server"].as_str().unwrap(), "https://127.0.0.1:1");
    std::fs::write(folder.path().join("config/services.json"), text).unwrap();
    let mut migration =
        practised(cluster, namespace.name(), "chart: \"oci://registry.example/jaeger\", version: 1.2.3");
    migration.home.set("MIGRATE_TUI_STAND_INS", folder.path().as_os_str());
    let told = migration.run(&["plan", "week-1/web"]).await;
    assert!(told.code == 1 && told.stdout.contains("is not the rehearsal"), "{told:?}");
}
