//! A line that breaks between a write and its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use migrate_tui::cluster::{ConnectOptions, Connection};
use migrate_tui::diff::Kind;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::steps::Bench;
use super::{config_map, deployment};
use crate::support::Cluster;

/// Passes bytes on, until it is told to lose the next answer: then it hangs up on it.
struct Line {
    port: u16,
    lose_next: Arc<AtomicBool>,
}

impl Line {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let lose_next = Arc::new(AtomicBool::new(false));
        let lose = lose_next.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server.clone(), lose.clone()));
            }
        });
        Self { port, lose_next }
    }
}

async fn pass(client: TcpStream, server: String, lose: Arc<AtomicBool>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
    });
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
        if lose.swap(false, Ordering::SeqCst) || to_client.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    up.abort();
}

pub async fn a_lost_answer_is_looked_after(cluster: &Cluster) {
    let namespace = cluster.namespace("lost").await;
    let options = ConnectOptions { kubeconfig: Some(cluster.kubeconfig()), ..ConnectOptions::default() };
    let direct = Connection::open(&options).await.unwrap();
    let mut config = direct.config().clone();
    let line = Line::to(config.cluster_url.authority().unwrap().to_string()).await;
    config.cluster_url = format!("https://127.0.0.1:{}", line.port).parse().unwrap();
    let bench = Bench::on(Connection::from_config(config, "line".into()).unwrap(), namespace.name());

    // Each write's answer is lost once; each row comes out as if nothing had happened.
    let old = bench
        .apply("overlay", vec![config_map("old", &json!({"a": "1"})), config_map("gone", &json!({"a": "1"}))])
        .await;
    let rendered = vec![
        config_map("new", &json!({"a": "1"})),
        config_map("old", &json!({"a": "2"})),
        deployment("web", "registry.example/main:1", &json!({})),
    ];
    let prepared = bench.prepare("overlay", rendered).await;
    let (record, permit) = bench.record(&bench.step("overlay").path, Kind::Apply, prepared.images).await;
    for image in &record.images {
        line.lose_next.store(true, Ordering::SeqCst);
        let done = bench.execute(&permit, Kind::Apply, image).await.unwrap();
        assert!(!line.lose_next.load(Ordering::SeqCst), "an answer was lost");
        assert!(done.uid.is_some());
        assert_eq!(done.created, image.before.is_none(), "{}", image.key);
    }
    let again = bench
        .prepare(
            "overlay",
            vec![config_map("old", &json!({"a": "2"})), config_map("new", &json!({"a": "1"}))],
        )
        .await;
    assert!(!again.proposal.changes_something());
    let undo = bench.prepare_undo("overlay", &[&old]).await;
    let gone = undo.images.iter().find(|image| image.key.name == "gone").unwrap();
    line.lose_next.store(true, Ordering::SeqCst);
    bench.execute(&permit, Kind::Rollback, gone).await.unwrap();
    assert_eq!(bench.live("v1", "ConfigMap", "gone").await, None);
}
