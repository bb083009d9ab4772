//! Charts from elsewhere than the plan's folder.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;

use super::charts::{SETTINGS, VALUES, helm_program, migration_of, standing, write_chart};
use crate::support::{Cluster, finish, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::a_chart_comes_from_a_repository_and_is_pinned", a_chart_comes_from_a_repository),
        trial("helm::a_chart_comes_from_a_registry", a_chart_comes_from_a_registry),
    ]
}

/// Serves the files of a folder over HTTP, which is all that a repository of charts is.
pub async fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let folder = folder.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let line = String::from_utf8_lossy(&request[..read]).into_owned();
                let name = line.split_whitespace().nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
                let (status, body) = match std::fs::read(folder.join(name)) {
                    Ok(body) => ("200 OK", body),
                    Err(_) => ("404 Not Found", Vec::new()),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

/// Packages a chart into the repository's folder and writes its index.
pub async fn publish(cluster: &Cluster, repository: &Path, url: &str, level: &str) {
    let chart = tempfile::tempdir().unwrap();
    let values = VALUES.replace("info", level);
    write_chart(chart.path(), "1.2.3", &values, &[SETTINGS]);
    let run = async |arguments: Vec<&str>| {
        let mut command = Command::new(helm_program(cluster));
        command.args(arguments);
        finish(command).await.expect_success();
    };
    let folder = repository.to_str().unwrap();
    run(vec!["package", chart.path().to_str().unwrap(), "-d", folder]).await;
    run(vec!["repo", "index", folder, "--url", url]).await;
}

async fn a_chart_comes_from_a_repository(cluster: &Cluster) {
    let namespace = cluster.namespace("repository").await;
    let folder = tempfile::tempdir().unwrap();
    let url = serve(folder.path().to_owned()).await;
    publish(cluster, folder.path(), &url, "info").await;
    let step = |version: &str| format!("helm: {{chart: small, repository: \"{url}\", version: {version}}}");

    let absent = migration_of(cluster, namespace.name(), &step("1.2.4"));
    let refused = absent.plan("week-1/web").await.expect(5);
    let problems = refused.problems();
    assert!(problems.contains("1.2.4") && problems.contains("address and version are right"), "{problems}");

    let migration = migration_of(cluster, namespace.name(), &step("1.2.3"));
    let shown = migration.plan("week-1/web").await.expect(3);
    let pulling = format!("release web: pulling chart small of {url} 1.2.3");
    assert!(shown.output.stderr.contains(&pulling), "{}", shown.output.stderr);
    let chart = &shown.report["proposals"][0]["release"]["chart"];
    assert_eq!(chart["source"], format!("small of {url}"));
    assert_eq!(chart["sha256"].as_str().unwrap().len(), 64);

    // Under the same version lies another archive now: what was approved is not what stands.
    publish(cluster, folder.path(), &url, "debug").await;
    let moved = migration.told(&["apply", "week-1/web", "--approve", &shown.digest()]).await.expect(4);
    drop(moved);
    let again = migration.plan("week-1/web").await.expect(3);
    let risks = again.report["proposals"][0]["risks"].to_string();
    assert!(risks.contains("another archive than was fetched before under that version"), "{risks}");
    migration.told(&["apply", "week-1/web", "--approve", &again.digest()]).await.expect(0);
    assert_eq!(standing(cluster, namespace.name(), "web").await, ["deployed small-1.2.3"]);
}

async fn a_chart_comes_from_a_registry(cluster: &Cluster) {
    cluster.services.ready().await.unwrap();
    let namespace = cluster.namespace("registry").await;
    let folder = tempfile::tempdir().unwrap();
    publish(cluster, folder.path(), "http://127.0.0.1", "info").await;
    let registry = format!("oci://{}/{}", cluster.services.registry, namespace.name());
    let archive = folder.path().join("small-1.2.3.tgz");
    let mut command = Command::new(helm_program(cluster));
    command.args(["push", archive.to_str().unwrap(), &registry, "--plain-http"]);
    finish(command).await.expect_success();
    let step = |version: &str| format!("helm: {{chart: \"{registry}/small\", version: {version}}}");

    let absent = migration_of(cluster, namespace.name(), &step("1.2.4"));
    let refused = absent.plan("week-1/web").await.expect(5);
    let problems = refused.problems();
    assert!(problems.contains("1.2.4") && problems.contains("address and version are right"), "{problems}");

    let migration = migration_of(cluster, namespace.name(), &step("1.2.3"));
    migration.apply("week-1/web").await.expect(0);
    assert_eq!(standing(cluster, namespace.name(), "web").await, ["deployed small-1.2.3"]);
    migration.rollback("week-1/web").await.expect(0);
    assert_eq!(standing(cluster, namespace.name(), "web").await, [""; 0]);
}
