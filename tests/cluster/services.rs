//! What a rehearsal has beside its cluster: helm and a registry.

use std::path::Path;

use libtest_mimic::Trial;

use crate::support::{Cluster, Home, Output, finish, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("services::helm_is_the_pinned_one", helm_is_the_pinned_one),
        trial("services::a_chart_goes_through_the_registry", a_chart_goes_through_the_registry),
    ]
}

async fn helm_is_the_pinned_one(cluster: &Cluster) {
    let home = Home::new(cluster.kubeconfig());
    let version = helm(cluster, &home, &["version", "--template", "{{.Version}}"]).await.expect_success();
    assert_eq!(version, "v4.2.4");
    let releases = helm(cluster, &home, &["list", "--all-namespaces", "--short"]).await;
    assert_eq!(releases.code, 0, "it reaches the cluster: {}", releases.stderr);
    let output = helm(cluster, &home, &["show", "chart", "/nonexistent"]).await;
    assert_eq!(output.code, 1, "{}", output.stderr);
}

async fn a_chart_goes_through_the_registry(cluster: &Cluster) {
    cluster.services.ready().await.unwrap();
    let home = Home::new(cluster.kubeconfig());
    let [chart, packed, pulled] = ["chart", "packed", "pulled"].map(|name| home.path().join(name));
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    std::fs::create_dir(&pulled).unwrap();
    let about = "apiVersion: v2\nname: trial\nversion: 1.2.3\n";
    std::fs::write(chart.join("Chart.yaml"), about).unwrap();
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: trial}\n";
    std::fs::write(chart.join("templates/map.yaml"), template).unwrap();

    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let file = "trial-1.2.3.tgz";
    let registry = format!("oci://{}/charts", cluster.services.registry);
    helm(cluster, &home, &["package", &text(&chart), "-d", &text(&packed)]).await.expect_success();
    let archive = packed.join(file);
    helm(cluster, &home, &["push", &text(&archive), &registry, "--plain-http"]).await.expect_success();
    let name = format!("{registry}/trial");
    let pull =
        |version| ["pull", &name, "--version", version, "--plain-http", "-d", pulled.to_str().unwrap()];
    helm(cluster, &home, &pull("1.2.3")).await.expect_success();
    assert_eq!(std::fs::read(pulled.join(file)).unwrap(), std::fs::read(archive).unwrap());
    let absent = helm(cluster, &home, &pull("9.9.9")).await;
    assert!(absent.code == 1 && absent.stderr.contains("9.9.9"), "{}", absent.stderr);
}

async fn helm(cluster: &Cluster, home: &Home, arguments: &[&str]) -> Output {
    finish(home.command_of(&cluster.services.helm(), arguments)).await
}
