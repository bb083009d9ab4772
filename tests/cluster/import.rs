//! What compose files become, on a real API server: every overlay is accepted as it stands, and a whole stack is
//! applied from its own plan and taken back.

use futures::{StreamExt, stream};
use libtest_mimic::Trial;
use migrate_tui::import::{Options, import};
use tempfile::TempDir;

use crate::fixtures;
use crate::support::objects::snapshot;
use crate::support::{Cluster, Migration, Namespace, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("import::every_overlay_passes_the_dry_run_in_dev", |cluster| dry_runs(cluster, "dev")),
        trial("import::every_overlay_passes_the_dry_run_in_staging", |cluster| dry_runs(cluster, "staging")),
        trial("import::every_overlay_passes_the_dry_run_in_prod", |cluster| dry_runs(cluster, "prod")),
        trial("import::a_stack_is_applied_from_its_own_plan_and_taken_back", a_stack_there_and_back),
    ]
}

const KINDS: &str = "configmap,secret,serviceaccount,service,deployment,statefulset,horizontalpodautoscaler,\
                     poddisruptionbudget,networkpolicy,persistentvolumeclaim";

/// How many overlays are tried at once.
const TOGETHER: usize = 4;

/// The tree of a compose file, in a folder of its own.
pub(crate) fn tree(name: &str, namespace: &str) -> TempDir {
    let options = Options { namespace: namespace.to_owned(), registry: None };
    fixtures::written(&import(&fixtures::project(name), &options).unwrap())
}

async fn dry_runs(cluster: &Cluster, environment: &str) {
    let names = fixtures::names();
    let tried =
        stream::iter(&names).map(|name| dry_run(cluster, name, environment)).buffer_unordered(TOGETHER);
    let refused: Vec<String> = tried.filter_map(|refused| async { refused }).collect().await;
    assert!(refused.is_empty(), "{}", refused.join("\n\n"));
}

/// Why the API server refuses the overlay, or warns about it.
async fn dry_run(cluster: &Cluster, name: &str, environment: &str) -> Option<String> {
    let number = name.split('-').next().unwrap();
    let prefix = format!("import-{number}");
    let folder = tree(name, &prefix);
    let kubeconfig = cluster.kubeconfig();
    let overlay = folder.path().join("kubernetes/overlays").join(environment);
    let overlay = overlay.to_str().unwrap();
    let namespace = format!("{overlay}/namespace");
    kubectl(&kubeconfig, ["apply", "--server-side", "-k", &namespace]).await.expect_success();
    let namespace = Namespace::existing(cluster.client(), &format!("{prefix}-{environment}"));
    let told = kubectl(&kubeconfig, ["apply", "--server-side", "--dry-run=server", "-k", overlay]).await;
    drop(namespace);
    let is_right = told.code == 0 && !told.stderr.contains("Warning");
    (!is_right).then(|| format!("{name} in {environment}:\n{}", told.stderr))
}

async fn a_stack_there_and_back(cluster: &Cluster) {
    let kubeconfig = cluster.kubeconfig();
    let migration =
        Migration::in_folder(cluster.kubeconfig(), tree("03-web-db-cache-health", "import-whole"), "dev");
    let namespace = "import-whole-dev";
    let _deleted = Namespace::existing(cluster.client(), namespace);

    migration.apply("week-1/namespace").await.expect(0);
    let before = snapshot(&kubeconfig, namespace, KINDS).await;
    let shown = migration.plan("week-1/overlay").await.expect(3);
    assert!(shown.changes().iter().all(|change| change.starts_with("create ")), "{:?}", shown.changes());
    let applied = migration.told(&["apply", "week-1/overlay", "--approve", &shown.digest()]).await.expect(0);
    assert!(applied.output.stderr.contains("StatefulSet/db"), "{}", applied.output.stderr);
    let again = migration.plan("week-1/overlay").await.expect(0);
    assert!(again.changes().iter().all(|change| change.starts_with("same ")), "{:?}", again.changes());

    migration.rollback("week-1/overlay").await.expect(0);
    // A StatefulSet leaves its claims: they hold the data.
    let claims = kubectl(&kubeconfig, ["get", "pvc", "-n", namespace, "-o", "name"]).await.expect_success();
    let claims: Vec<&str> = claims.lines().collect();
    assert_eq!(claims, ["persistentvolumeclaim/cache-cache-0", "persistentvolumeclaim/postgres-db-0"]);
    kubectl(&kubeconfig, [&["delete", "-n", namespace], claims.as_slice()].concat()).await.expect_success();
    assert_eq!(snapshot(&kubeconfig, namespace, KINDS).await, before);
    migration.rollback("week-1/namespace").await.expect(0);
    let gone = kubectl(&kubeconfig, ["get", "namespace", namespace]).await;
    assert!(gone.stderr.contains("NotFound"), "{gone:?}");
}
