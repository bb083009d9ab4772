//! What was left meets what comes after it: another install, a stranger, a finalizer, a namespace that is to go.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::helm::charts::{SETTINGS, VALUES, chart_of, helm_program, write_chart};
use crate::leftovers::{STEP, Shop, risks};
use crate::support::{Cluster, Migration, Terminal, kubectl, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("leftovers::after_another_install_all_goes_together", after_another_install),
        trial("leftovers::a_claim_that_is_held_is_told", a_held_claim),
        trial("leftovers::what_needs_one_since_it_was_shown_stops_it", needed_since),
        trial("leftovers::what_helm_keeps_holds_the_namespace_up_front", kept_by_helm),
    ]
}

async fn after_another_install(cluster: &Cluster) {
    let shop = Shop::installed(cluster, "again").await;
    let shown = |arguments: &'static [&'static str]| shop.migration.told(arguments);
    shop.migration.rollback(STEP).await.expect(0);
    let taken_over = risks(&shop.migration.plan(STEP).await.expect(3));
    assert!(taken_over.contains("takes it over, with the data in it"), "{taken_over}");
    assert!(taken_over.contains("\"stays\"") && !taken_over.contains("cannot-undo"), "{taken_over}");
    shop.migration.apply(STEP).await.expect(0);
    write_chart(&chart_of(&shop.migration), "0.2.0", VALUES, &[SETTINGS]);
    shop.migration.apply(STEP).await.expect(0);

    let plainly = shown(&["rollback", STEP]).await.expect(3);
    assert!(
        plainly.report["proposals"][0]["leaves"].is_null(),
        "its StatefulSet stands: {:?}",
        plainly.report
    );
    assert!(!risks(&plainly).contains("data-store-0"), "{}", risks(&plainly));
    shop.migration.rollback(STEP).await.expect(0);

    let plainly = shown(&["rollback", STEP]).await.expect(3);
    let with_leftovers = shown(&["rollback", STEP, "--with-leftovers"]).await.expect(3);
    for told in [&plainly, &with_leftovers] {
        assert!(!risks(told).contains("someone else"), "its own rollback: {}", risks(told));
    }
    let changes = with_leftovers.changes();
    for change in plainly.changes() {
        assert!(changes.contains(&change), "{change} as well: {changes:?}");
    }
    assert!(changes.contains(&"delete Release/store".to_owned()), "{changes:?}");
    shop.migration.rollback_with_leftovers(STEP).await.expect(0);
    assert_eq!(shop.claims().await, [""; 0]);
    assert!(!shop.has_kind().await);
    assert_eq!(shop.kubectl(&["get", "statefulsets", "-o", "name"]).await, "");
}

async fn a_held_claim(cluster: &Cluster) {
    let shop = Shop::installed_with(cluster, "held", "deadline: 20s\nhelm:\n  chart: chart").await;
    let holding = json!({"metadata": {"finalizers": ["kubernetes.io/pvc-protection", "example.com/hold"]}});
    let hold = |text: &Value| {
        let patch = text.to_string();
        let shop = &shop;
        async move { shop.kubectl(&["patch", "pvc", "data-store-0", "--type", "merge", "-p", &patch]).await }
    };
    hold(&holding).await;
    let stopped = shop.migration.rollback_with_leftovers(STEP).await.expect(6);
    assert!(stopped.problems().contains("finalizer example.com/hold"), "{}", stopped.problems());
    assert!(
        stopped.output.stderr.contains("deleted, but not gone yet: finalizer"),
        "{}",
        stopped.output.stderr
    );

    let looked = shop.migration.told(&["rollback", STEP, "--with-leftovers"]).await.expect(0);
    let said = risks(&looked);
    assert!(said.contains("it is being deleted since") && said.contains("example.com/hold"), "{said}");
    let plainly = shop.migration.rollback(STEP).await.expect(0);
    assert_eq!(plainly.report["steps"][0]["standing"], "rolled back", "what is held is left behind");
    hold(&json!({"metadata": {"finalizers": null}})).await;
}

async fn needed_since(cluster: &Cluster) {
    let shop = Shop::installed(cluster, "since").await;
    let elsewhere = cluster.namespace("since-elsewhere").await;
    let thing = json!({"apiVersion": "since.example.com/v1", "kind": "Thing",
        "metadata": {"name": "theirs", "namespace": elsewhere.name()}});
    let file = shop.migration.folder().join("thing.json");
    std::fs::write(&file, thing.to_string()).unwrap();
    let handle = tokio::runtime::Handle::current();
    let work = move || {
        let mut cockpit = Terminal::open(&shop.migration.home, shop.migration.arguments(&[]));
        cockpit.wait_for("● live");
        cockpit.press("L");
        cockpit.wait_for("leftovers…");
        let theirs = kubectl(&shop.kubeconfig, ["apply", "-f", file.to_str().unwrap()]);
        handle.block_on(theirs).expect_success();
        cockpit.press("L");
        cockpit.wait_for("Roll back in trial?");
        cockpit.press("\t\r");
        cockpit.press("trial\t\r");
        cockpit.wait_for("shown to go would stay");
        cockpit.press("q");
        let theirs = kubectl(&shop.kubeconfig, ["delete", "-f", file.to_str().unwrap()]);
        handle.block_on(theirs).expect_success();
        shop
    };
    let shop = tokio::task::spawn_blocking(work).await.unwrap();
    assert_eq!(shop.claims().await, ["data-store-0", "data-store-1"], "nothing was written");
    assert_eq!(shop.kubectl(&["get", "statefulsets", "-o", "name"]).await.trim(), "statefulset.apps/store");
    shop.migration.rollback_with_leftovers(STEP).await.expect(0);
}

async fn kept_by_helm(cluster: &Cluster) {
    const KEPT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, annotations: \
        {helm.sh/resource-policy: keep}}\ndata: {a: b}\n";
    const LAST: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: last, annotations: \
        {helm.sh/hook: post-delete}}\ndata: {a: b}\n";
    let name = "leftovers-kept";
    let secret = "manual: {instructions: [\"`kubectl -n x create secret generic by-hand --from-file=F`\"]}";
    let helm = "helm:\n  chart: chart";
    let mut migration = Migration::new(cluster, name, &[("ground", ""), ("secret", secret), ("web", helm)]);
    migration.home.set("MIGRATE_TUI_HELM", helm_program(cluster).as_os_str());
    migration
        .write("ground", &[json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})]);
    write_chart(
        &chart_of(&migration),
        "0.1.0",
        VALUES,
        &[SETTINGS, ("templates/kept.yaml", KEPT), ("templates/last.yaml", LAST)],
    );
    migration.apply("week-1/ground").await.expect(0);
    let kubeconfig = cluster.kubeconfig();
    let make = ["-n", name, "create", "secret", "generic", "by-hand", "--from-literal=a=b"];
    kubectl(&kubeconfig, make).await.expect_success();
    migration.apply("week-1/web").await.expect(0);
    let refused = migration.told(&["rollback", "week-1", "--with-leftovers"]).await.expect(5).problems();
    for said in [
        "ConfigMap/kept in leftovers-kept",
        "ConfigMap/last in leftovers-kept (a hook will make it when week-1/web is uninstalled)",
        "Secret/by-hand in leftovers-kept (made by hand for week-1/secret)",
        "kubectl -n leftovers-kept delete secret by-hand",
    ] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    let alone = migration.told(&["rollback", "week-1/ground"]).await.expect(5).problems();
    for said in ["ConfigMap/web-settings in leftovers-kept (made by week-1/web)", "rollback week-1/web`"] {
        assert!(alone.contains(said), "{said}: {alone}");
    }
    migration.rollback("week-1/web").await.expect(0);
    for what in ["secret/by-hand", "configmap/kept", "configmap/last"] {
        kubectl(&kubeconfig, ["-n", name, "delete", what]).await.expect_success();
    }
    migration.rollback("week-1/ground").await.expect(0);
}
