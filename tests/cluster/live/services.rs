//! A Service asked through the real API server's proxy.

use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{Patch, PatchParams};
use libtest_mimic::Trial;
use migrate_tui::cluster::{FailureKind, Reader, ServiceAddress};
use migrate_tui::gate::{GateAnswer, GateKeeper};
use migrate_tui::plan::{Gate, Scheme, ServiceRequest};
use migrate_tui::rehearsal::Identity;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::connection;
use crate::support::{Cluster, Namespace, trial, wait_until};

const LIMIT: Duration = Duration::from_secs(10);

pub fn trials() -> Vec<Trial> {
    vec![
        trial("live::a_service_is_asked_through_the_api_server", asked),
        trial("live::what_the_api_server_says_of_a_service_is_not_the_services_answer", refused),
        trial("live::a_service_of_simulated_pods_is_not_asked", not_asked),
    ]
}

fn service(name: &str, selector: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": selector, "ports": [{"name": "http-web", "port": 80}]}})
}

fn address<'a>(namespace: &'a str, service: &'a str, port: &'a str, path: &'a str) -> ServiceAddress<'a> {
    ServiceAddress { namespace, service, tls: false, port, path }
}

/// An address of this machine that is not loopback, which the API server refuses to proxy to. Nothing is
/// sent: connecting a UDP socket only chooses the route.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// A small server that answers with the request's first line, and with 302 to `/old`.
async fn serve(address: IpAddr) -> u16 {
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0_u8; 8192];
                let read = stream.read(&mut request).await.unwrap_or_default();
                let text = String::from_utf8_lossy(&request[..read]).into_owned();
                let line = text.lines().next().unwrap_or_default();
                let head = if line.contains("/old") { "302 Found\r\nlocation: /new" } else { "200 OK" };
                let body =
                    json!({"line": line, "credentials": text.to_lowercase().contains("authorization:")});
                let body = body.to_string();
                let length = body.len();
                let answer =
                    format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    port
}

/// A pod that no node runs and that is said to have that address: the API server's proxy reads Endpoints,
/// and goes to addresses of pods only.
async fn pod_at(namespace: &Namespace, name: &str, address: IpAddr) {
    namespace
        .apply(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"schedulerName": "nobody", "containers": [{"name": "main", "image": "registry.example/main:1"}]}}))
        .await;
    let pods: Api<Pod> = namespace.api();
    let ip = address.to_string();
    let status = json!({"status": {"podIP": ip, "podIPs": [{"ip": ip}]}});
    pods.patch_status(name, &PatchParams::default(), &Patch::Merge(&status)).await.unwrap();
}

async fn asked(cluster: &Cluster) {
    let Some(own) = own_address() else {
        eprintln!("this machine has no address but loopback, which the API server does not proxy to");
        return;
    };
    let namespace = cluster.namespace("proxy").await;
    let port = serve(own).await;
    namespace.apply(service("web", &Value::Null)).await;
    pod_at(&namespace, "web", own).await;
    namespace
        .apply(json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web"},
            "subsets": [{"ports": [{"name": "http-web", "port": port}], "addresses": [
                {"ip": own.to_string(), "targetRef": {"kind": "Pod", "name": "web", "namespace": namespace.name()}}]}]}))
        .await;
    let reader = Reader::new(connection(cluster, Identity::Admin).await);
    for port in ["http-web", "80"] {
        let path = "/api/v1/query?query=up{job=\"a b\"}";
        let address = address(namespace.name(), "web", port, path);
        let answer = wait_until("the API server knows the endpoint", || async {
            reader.ask_service(&address, LIMIT).await.map_err(|failure| failure.to_string())
        })
        .await;
        assert_eq!(answer.status, 200);
        let body: Value = serde_json::from_slice(&answer.body.unwrap()).unwrap();
        assert_eq!(body["line"], "GET /api/v1/query?query=up%7Bjob=%22a%20b%22%7D HTTP/1.1");
        assert_eq!(body["credentials"], false, "ours are for the API server only");
    }
    let moved = reader.ask_service(&address(namespace.name(), "web", "80", "/old"), LIMIT).await.unwrap();
    assert_eq!(moved.status, 302);
    assert!(moved.location.is_some_and(|place| place.ends_with("/new")));
}

async fn refused(cluster: &Cluster) {
    let namespace = cluster.namespace("proxy").await;
    namespace.apply(service("web", &json!({"app": "nobody"}))).await;
    let admin = Reader::new(connection(cluster, Identity::Admin).await);
    let absent =
        admin.ask_service(&address(namespace.name(), "nothing", "80", "/"), LIMIT).await.unwrap_err();
    assert_eq!((absent.kind, absent.code), (FailureKind::NotFound, Some(404)));
    assert!(absent.message.contains("\"nothing\" not found"), "{absent}");
    let nobody = admin.ask_service(&address(namespace.name(), "web", "80", "/"), LIMIT).await.unwrap_err();
    assert_eq!(nobody.code, Some(503));
    assert!(nobody.message.contains("no endpoints available"), "{nobody}");
    let viewer = Reader::new(connection(cluster, Identity::Viewer).await);
    let refused = viewer.ask_service(&address(namespace.name(), "web", "80", "/"), LIMIT).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
    assert!(refused.message.contains("services/proxy"), "{refused}");
}

async fn not_asked(cluster: &Cluster) {
    let namespace = cluster.namespace("proxy").await;
    let reader = Reader::new(connection(cluster, Identity::Viewer).await);
    let keeper = GateKeeper::new(reader, namespace.name()).await;
    let gate = Gate::Service(ServiceRequest {
        service: "web".to_owned(),
        namespace: None,
        scheme: Scheme::Http,
        port: "http-web".to_owned(),
        path: "/healthz".to_owned(),
        status: 200,
        contains: None,
        json: Vec::new(),
    });
    let absent = keeper.ask(&gate).await;
    assert!(matches!(&absent, GateAnswer::NotYet { reason } if reason.contains("not there")), "{absent:?}");
    namespace.apply(service("web", &json!({"app": "web"}))).await;
    let there = keeper.ask(&gate).await;
    let GateAnswer::Passed { detail, simulated: true } = &there else { panic!("{there:?}") };
    assert!(detail.contains("not asked"), "{detail}");
}
