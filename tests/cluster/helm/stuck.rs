//! A helm that is cut off, by others and under our own feet.

use libtest_mimic::Trial;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::charts::{SETTINGS, VALUES, chart_of, helm_program, history, migration_of, standing, write_chart};
use crate::support::{Cluster, Migration, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::killed_with_its_helm_it_is_looked_at_anew", killed_with_its_helm_it_is_looked_at_anew),
        trial("helm::killed_alone_its_helm_comes_to_an_end", killed_alone_its_helm_comes_to_an_end),
        trial("helm::a_colleagues_upgrade_is_let_run", a_colleagues_upgrade_is_let_run),
        trial("helm::a_release_that_helm_has_forgotten_is_not_called_rolled_back", a_forgotten_release),
        trial("helm::a_stuck_release_is_offered_a_way_out", a_stuck_release_is_offered_a_way_out),
    ]
}

/// A hook whose pod runs only on a node that is labelled for it.
const WAITING: &str = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: {{ .Release.Name }}-migrate, \
    annotations: {\"helm.sh/hook\": pre-upgrade}}\nspec:\n  template: {spec: {restartPolicy: Never, \
    nodeSelector: {{ toJson .Values.node }}, containers: [{name: main, image: registry.example/job:1}]}}\n";

/// A release at its first revision, and the upgrade that waits for a node of that name.
async fn installed(cluster: &Cluster, namespace: &str, node: &str, deadline: &str) -> Migration {
    let step = format!("deadline: {deadline}\nhelm:\n  chart: chart");
    let migration = migration_of(cluster, namespace, &step);
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    migration.apply("week-1/web").await.expect(0);
    upgrading(&migration, node);
    migration
}

/// The chart becomes one whose upgrade waits for a node of that name.
pub fn upgrading(migration: &Migration, node: &str) {
    let values = format!("level: debug\nnode: {{{node}: \"yes\"}}\n");
    write_chart(&chart_of(migration), "0.2.0", &values, &[("templates/job.yaml", WAITING)]);
}

/// Starts the change and waits until helm is in the middle of it.
pub async fn in_the_middle(
    cluster: &Cluster,
    migration: &Migration,
    namespace: &str,
) -> tokio::process::Child {
    let shown = migration.plan("week-1/web").await.expect(3);
    let digest = shown.digest();
    let arguments = ["apply", "week-1/web", "--approve", &digest];
    let child = migration.home.command(migration.arguments(&arguments)).spawn().unwrap();
    pending(cluster, namespace).await;
    child
}

async fn pending(cluster: &Cluster, namespace: &str) {
    wait_until("the change is pending", || async {
        let stands = standing(cluster, namespace, "web").await;
        if stands.last().is_some_and(|last| last.starts_with("pending-")) {
            Ok(())
        } else {
            Err(format!("{stands:?}"))
        }
    })
    .await;
}

/// The helms that work in a namespace.
pub fn helms(namespace: &str) -> Vec<Pid> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let of_process = |entry: std::fs::DirEntry| {
        let number: i32 = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        (line.contains(" upgrade ") && line.contains(namespace) && line.contains("--description"))
            .then_some(number)
    };
    processes.filter_map(of_process).filter_map(Pid::from_raw).collect()
}

/// Kills the process and its helm in the middle of a change.
pub async fn kill_both(migration: &Migration, mut child: tokio::process::Child, namespace: &str) {
    child.kill().await.unwrap();
    for helm in helms(namespace) {
        kill_process(helm, Signal::KILL).unwrap();
    }
    let work = migration.run_folder().join("helm");
    // A killed process is gone a moment after the signal, and its lock with it.
    wait_until("the end of helm", || async {
        let lock = std::fs::File::open(work.join("at-work.lock")).unwrap();
        lock.try_lock().map_err(|error| error.to_string())
    })
    .await;
}

pub async fn let_run(cluster: &Cluster, node: &str) {
    let nodes = kubectl(&cluster.kubeconfig(), ["get", "nodes", "-o", "name"]).await.expect_success();
    let first = nodes.lines().next().unwrap();
    kubectl(&cluster.kubeconfig(), ["label", first, &format!("{node}=yes")]).await.expect_success();
}

async fn killed_with_its_helm_it_is_looked_at_anew(cluster: &Cluster) {
    let namespace = cluster.namespace("cut").await;
    let migration = installed(cluster, namespace.name(), "trial-cut", "2m").await;
    let child = in_the_middle(cluster, &migration, namespace.name()).await;
    kill_both(&migration, child, namespace.name()).await;
    let left = migration.run_folder().join("helm/tmp");
    migration.plan("week-1/web").await.expect(3);
    assert_eq!(std::fs::read_dir(left).unwrap().count(), 0, "no kubeconfig and no values are left behind");
    let_run(cluster, "trial-cut").await;
    let shown = migration.told(&["resume", "week-1/web"]).await.expect(3);
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("helm first goes back to revision 1"), "{risks}");
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let all = history(cluster, namespace.name(), "web").await;
    let last = all.last().unwrap();
    assert_eq!((&last["status"], &last["chart"]), (&json!("deployed"), &json!("small-0.2.0")), "{all:?}");
    assert_eq!(all[2]["description"], "Rollback to 1", "{all:?}");
    migration.rollback("week-1/web").await.expect(0);
    let stands = standing(cluster, namespace.name(), "web").await;
    assert_eq!(stands.last().unwrap(), "deployed small-0.1.0");
}

async fn killed_alone_its_helm_comes_to_an_end(cluster: &Cluster) {
    let namespace = cluster.namespace("orphan").await;
    let migration = installed(cluster, namespace.name(), "trial-orphan", "2m").await;
    let mut child = in_the_middle(cluster, &migration, namespace.name()).await;
    child.kill().await.unwrap();
    assert_eq!(helms(namespace.name()).len(), 1, "its helm is still at work");
    let resuming = migration.start(&["resume", "week-1/web", "-o", "json"]);
    let_run(cluster, "trial-orphan").await;
    let output = resuming.finish().await;
    assert_eq!(output.code, 0, "{output:?}");
    let stands = standing(cluster, namespace.name(), "web").await;
    assert_eq!(stands, ["superseded small-0.1.0", "deployed small-0.2.0"], "it was not done twice");
}

/// A colleague begins the upgrade by hand; with the hook, it does not come to an end.
async fn by_hand(cluster: &Cluster, migration: &Migration, namespace: &str) -> tokio::process::Child {
    let mut command = tokio::process::Command::new(helm_program(cluster));
    let chart = chart_of(migration);
    command.args(["upgrade", "web", chart.to_str().unwrap(), "--description", "by hand", "-n", namespace]);
    command.env("KUBECONFIG", cluster.kubeconfig()).kill_on_drop(true);
    let child = command.spawn().unwrap();
    pending(cluster, namespace).await;
    child
}

async fn a_colleagues_upgrade_is_let_run(cluster: &Cluster) {
    let namespace = cluster.namespace("busy").await;
    let migration = installed(cluster, namespace.name(), "trial-busy", "10m").await;
    let _theirs = by_hand(cluster, &migration, namespace.name()).await;
    let refused = migration.plan("week-1/web").await.expect(5);
    assert!(refused.problems().contains("helm may be at work on it right now"), "{}", refused.problems());
}

async fn a_stuck_release_is_offered_a_way_out(cluster: &Cluster) {
    let namespace = cluster.namespace("stuck").await;
    let migration = installed(cluster, namespace.name(), "trial-stuck", "5s").await;
    let mut theirs = by_hand(cluster, &migration, namespace.name()).await;
    theirs.kill().await.unwrap();
    let_run(cluster, "trial-stuck").await;
    // Once the step's deadline is over, nobody can be at work on it any more.
    let shown = wait_until("the way out", || async {
        let shown = migration.plan("week-1/web").await;
        if shown.output.code == 3 { Ok(shown) } else { Err(shown.problems()) }
    })
    .await;
    let risks = shown.report["proposals"][0]["risks"].to_string();
    assert!(
        risks.contains("stuck in pending-upgrade") && risks.contains("goes back to revision 1"),
        "{risks}"
    );
    assert!(!risks.contains("steers it as well"), "{risks}");
    migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(0);
    let stands = standing(cluster, namespace.name(), "web").await;
    assert_eq!(stands.last().unwrap(), "deployed small-0.2.0");
}

async fn a_forgotten_release(cluster: &Cluster) {
    let namespace = cluster.namespace("forgotten").await;
    let mut migration = migration_of(cluster, namespace.name(), "helm:\n  chart: chart");
    // Whatever the operator's shell says, it is kept where everyone else finds it.
    migration.home.set("HELM_DRIVER", "configmap".as_ref());
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS]);
    migration.apply("week-1/web").await.expect(0);
    let record = ["-n", namespace.name(), "delete", "secret", "sh.helm.release.v1.web.v1"];
    kubectl(&cluster.kubeconfig(), record).await.expect_success();

    let refused = migration.told(&["rollback", "week-1/web"]).await.expect(5).problems();
    for said in ["helm knows no release web", "ConfigMap/web-settings", "apply the step again"] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    migration.apply("week-1/web").await.expect(0);
    migration.rollback("week-1/web").await.expect(0);
    let left =
        kubectl(&cluster.kubeconfig(), ["-n", namespace.name(), "get", "configmap", "web-settings"]).await;
    assert!(left.stderr.contains("NotFound"), "{left:?}");
}
