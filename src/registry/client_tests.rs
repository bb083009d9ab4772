use std::{collections::BTreeSet, sync::Arc, time::Duration};

use oci_client::{
    Client,
    client::{ClientConfig, ClientProtocol},
    secrets::RegistryAuth,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{AuthFiles, Refusal, RefusalSort, Registries, client};
use crate::{
    gate::test_server::{Behaviour, response, serve},
    pin::ImageName,
};

/// What came of asking a registry that always answers so.
async fn asked(behaviour: Behaviour, files: AuthFiles) -> super::Asked {
    let address = serve(behaviour).await;
    let image = ImageName::parse(&format!("{}/acme/app:1", address.trim_start_matches("http://")));
    let registries = Registries::new(files).within(Duration::from_secs(5));
    registries.ask(&BTreeSet::from([image.clone()])).await.remove(&image).unwrap()
}

async fn refused(status: &str, body: &str) -> Refusal {
    asked(response(status, "content-type: application/json\r\n", body), AuthFiles::at(Vec::new()))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn what_a_registry_refuses_is_told_in_plain_words() {
    let code = |code: &str| format!(r#"{{"errors": [{{"code": "{code}", "message": "m"}}]}}"#);
    for (status, body, sort, part) in [
        ("404 Not Found", code("MANIFEST_UNKNOWN"), RefusalSort::Absent, "no such tag"),
        ("404 Not Found", code("NAME_UNKNOWN"), RefusalSort::Absent, "no such repository"),
        ("404 Not Found", "gone".to_owned(), RefusalSort::Absent, "no such tag"),
        ("401 Unauthorized", code("UNAUTHORIZED"), RefusalSort::NotAllowed, "as nobody"),
        ("403 Forbidden", code("DENIED"), RefusalSort::NotAllowed, "does not give it"),
        ("429 Too Many Requests", code("TOOMANYREQUESTS"), RefusalSort::RateLimited, "too often"),
        ("429 Too Many Requests", "slow down".to_owned(), RefusalSort::RateLimited, "too often"),
        ("500 Internal Server Error", "oh".to_owned(), RefusalSort::Strange, "500"),
        ("200 OK", "<html>".to_owned(), RefusalSort::Strange, "not answered with a manifest"),
    ] {
        let refusal = refused(status, &body).await;
        assert_eq!(refusal.sort, sort, "{status} {body}: {refusal}");
        assert!(refusal.reason.contains(part), "{status} {body}: {refusal}");
    }
}

#[tokio::test]
async fn who_is_refused_is_told_as_whom_they_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let address = serve(response("401 Unauthorized", "www-authenticate: Basic realm=\"x\"\r\n", "")).await;
    let registry = address.trim_start_matches("http://");
    std::fs::write(&file, format!(r#"{{"auths": {{"{registry}": {{"auth": "bWFyaWE6Y2FuYXJ5"}}}}}}"#))
        .unwrap();
    let image = ImageName::parse(&format!("{registry}/acme/app:1"));
    let told = Registries::new(AuthFiles::at(vec![file.clone()])).ask(&BTreeSet::from([image.clone()])).await;
    let refusal = told[&image].as_ref().unwrap_err();
    assert_eq!(refusal.sort, RefusalSort::NotAllowed);
    assert!(refusal.reason.contains(&format!("as maria, from {}", file.display())), "{refusal}");
    assert!(!format!("{refusal:?}").contains("canary"), "{refusal:?}");
}

#[tokio::test]
async fn silence_is_told_from_nobody_there() {
    let registries = Registries::new(AuthFiles::at(Vec::new())).within(Duration::from_millis(200));
    let silent = serve(Behaviour::Hang).await;
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let image = |address: &str| ImageName::parse(&format!("{address}/app:1"));
    let (silent, closed) = (image(silent.trim_start_matches("http://")), image(&closed));
    let odd = ImageName::parse("Not An Image");
    let told = registries.ask(&BTreeSet::from([silent.clone(), closed.clone(), odd.clone()])).await;
    let sort = |image: &ImageName| told[image].as_ref().unwrap_err().sort;
    assert_eq!(sort(&silent), RefusalSort::TimedOut);
    assert_eq!(sort(&closed), RefusalSort::Unreachable);
    assert_eq!(sort(&odd), RefusalSort::NoName);
}

#[tokio::test]
async fn a_certificate_that_nobody_has_signed_is_told() {
    // Chooses who does the cryptography.
    drop(client(&BTreeSet::new()));
    let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let private = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let config = Arc::new(config.clone());
            tokio::task::spawn_blocking(move || {
                let mut stream = stream.into_std().unwrap();
                stream.set_nonblocking(false).unwrap();
                let mut connection = rustls::ServerConnection::new(config).unwrap();
                // The handshake comes to no end, which is what is tried.
                let _ = connection.complete_io(&mut stream);
            });
        }
    });
    let safe = Client::new(ClientConfig { protocol: ClientProtocol::Https, ..ClientConfig::default() });
    let reference = format!("localhost:{}/app:1", address.port()).parse().unwrap();
    let error = safe.fetch_manifest_digest(&reference, &RegistryAuth::Anonymous).await.unwrap_err();
    let refusal = Refusal::of(&error, "localhost", "as nobody");
    assert_eq!(refusal.sort, RefusalSort::Tls, "{refusal}");
    assert!(refusal.remedy.contains("SSL_CERT_FILE"), "{refusal:?}");
}

#[tokio::test]
async fn a_helper_is_asked_with_a_time_limit_and_quoted_nowhere() {
    use std::os::unix::fs::PermissionsExt;
    // The process's PATH is everyone's: the helper is named by a folder in it that is this test's alone.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("docker-credential-migratetuitrial");
    let script = "#!/bin/sh\nread server\ncase $server in ghcr.io) echo '{\"Username\": \"maria\", \"Secret\": \"canary\"}';; *) echo credentials not found; exit 1;; esac\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().as_os_str().to_owned();
    let known = super::super::credentials::from_helper(&path, "migratetuitrial", "ghcr.io").await.unwrap();
    assert_eq!(known, Some(("maria".to_owned(), "canary".to_owned())));
    let unknown = super::super::credentials::from_helper(&path, "migratetuitrial", "quay.io").await.unwrap();
    assert_eq!(unknown, None);
    let absent = super::super::credentials::from_helper(&path, "none", "ghcr.io").await.unwrap_err();
    assert_eq!(absent, "docker-credential-none is not in PATH");
}

/// A registry that gives an index to maria alone: by her password, or by a token that she gets for it.
async fn guarded(by_token: bool) -> String {
    const INDEX: &str = r#"{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "annotations":
        {"org.opencontainers.image.created": "2026-11-22T10:00:00Z"}, "manifests": [{"digest": "sha256:aa", "size": 1,
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "platform": {"os": "linux", "architecture": "arm64"}}]}"#;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let realm = address.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 8 * 1024];
            let length = stream.read(&mut request).await.unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..length]).to_lowercase();
            let is_maria = request.contains("authorization: basic bwfyawe6y2fuyxj5");
            let (status, headers, body) = match (by_token, request.starts_with("get /token")) {
                (true, true) if is_maria => ("200 OK", String::new(), r#"{"token": "t0ken"}"#),
                (true, false) if request.contains("authorization: bearer t0ken") => {
                    ("200 OK", String::new(), INDEX)
                }
                (true, _) => {
                    let challenge = format!("Bearer realm=\"http://{realm}/token\",service=\"trial\"");
                    ("401 Unauthorized", format!("www-authenticate: {challenge}\r\n"), "")
                }
                (false, _) if is_maria => ("200 OK", String::new(), INDEX),
                (false, _) => ("401 Unauthorized", "www-authenticate: Basic realm=\"x\"\r\n".to_owned(), ""),
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
            );
            // Who has gone away needs no answer.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn who_has_logged_in_is_given_what_others_are_not() {
    for by_token in [false, true] {
        let address = guarded(by_token).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("auth.json");
        std::fs::write(&file, format!(r#"{{"auths": {{"{address}": {{"auth": "bWFyaWE6Y2FuYXJ5"}}}}}}"#))
            .unwrap();
        let image = ImageName::parse(&format!("{address}/acme/app:1"));
        let images = BTreeSet::from([image.clone()]);
        let found =
            Registries::new(AuthFiles::at(vec![file])).ask(&images).await.remove(&image).unwrap().unwrap();
        assert_eq!(found.platforms(), "linux/arm64", "by token: {by_token}");
        assert_eq!(found.created.unwrap().to_string(), "2026-11-22T10:00:00Z");
        assert_eq!(found.digest.len(), "sha256:".len() + 64);
        let nobody = Registries::new(AuthFiles::at(Vec::new())).ask(&images).await.remove(&image).unwrap();
        assert_eq!(nobody.unwrap_err().sort, RefusalSort::NotAllowed, "by token: {by_token}");
    }
}
