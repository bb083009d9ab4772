//! Against two real servers on loopback, with and without TLS.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, ServerConnection, crypto::ring, pki_types::PrivateKeyDer};

use super::{Sides, ask};
use crate::{
    gate::{
        GateAnswer,
        test_server::{Behaviour, not_yet, response, serve},
    },
    plan::{BodyCheck, Entry, Parity, Scheme},
};

fn parity(scheme: Scheme, body: BodyCheck) -> Parity {
    Parity {
        hosts: vec!["app.example.com".to_owned()],
        paths: vec!["/".to_owned(), "/login?next=%2F".to_owned()],
        scheme,
        old: Entry::Address("192.0.2.10".to_owned()),
        new: Entry::Ingress("web".to_owned()),
        headers: vec!["content-type".to_owned(), "location".to_owned(), "set-cookie".to_owned()],
        body,
        ca: None,
    }
}

async fn at(behaviour: Behaviour) -> Vec<SocketAddr> {
    vec![serve(behaviour).await.strip_prefix("http://").unwrap().parse().unwrap()]
}

async fn asked(old: Behaviour, new: Behaviour, body: BodyCheck) -> GateAnswer {
    let sides = Sides { old: at(old).await, new: at(new).await };
    ask(&parity(Scheme::Http, body), &sides, None, "the gate").await
}

#[tokio::test]
async fn answers_that_agree_pass_with_both_latencies() {
    let page = || response("200 OK", "content-type: text/html\r\n", "hello");
    let answer = asked(page(), page(), BodyCheck::Same).await;
    let GateAnswer::Passed { detail, simulated: false } = &answer else { panic!("{answer:?}") };
    assert!(
        detail.starts_with("2 answers agree (old/new: / ") && detail.contains("/login?next=%2F"),
        "{detail}"
    );
}

#[tokio::test]
async fn what_differs_is_named_with_both_values() {
    let old = || response("302 Found", "location: /login\r\n", "");
    let new = || response("404 Not Found", "content-type: text/plain\r\n", "nothing");
    let answer = asked(old(), new(), BodyCheck::Same).await;
    let said = not_yet(&answer);
    for part in [
        "http://app.example.com/: status 302 (old), 404 (new)",
        "content-type none (old), text/plain (new)",
        "location /login (old), none (new)",
        "body of 0 bytes (old), 7 (new)",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn bodies_are_compared_as_the_plan_says() {
    let page = |body: &str| response("200 OK", "", body);
    let differs = asked(page("at 10:01"), page("at 10:02"), BodyCheck::Same).await;
    assert!(not_yet(&differs).contains("bodies of 8 bytes that differ"), "{differs:?}");
    let same_length = asked(page("at 10:01"), page("at 10:02"), BodyCheck::Length).await;
    assert!(matches!(same_length, GateAnswer::Passed { .. }), "{same_length:?}");
    let ignored = asked(page("a"), page("abc"), BodyCheck::Ignored).await;
    assert!(matches!(ignored, GateAnswer::Passed { .. }), "{ignored:?}");
}

#[tokio::test]
async fn cookies_agree_by_name() {
    let page = |cookie: &str| response("200 OK", &format!("set-cookie: {cookie}\r\n"), "");
    let alike = asked(page("session=1; Path=/"), page("session=2; Path=/"), BodyCheck::Same).await;
    assert!(matches!(alike, GateAnswer::Passed { .. }), "{alike:?}");
    let renamed = asked(page("session=1"), page("sid=SECRET"), BodyCheck::Same).await;
    assert!(not_yet(&renamed).contains("set-cookie session (old), sid (new)"), "{renamed:?}");
    assert!(!not_yet(&renamed).contains("SECRET"));
}

#[tokio::test]
async fn a_side_that_does_not_answer_is_no_agreement() {
    let page = response("200 OK", "", "");
    let gone: SocketAddr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sides = Sides { old: at(page).await, new: vec![gone] };
    let answer = ask(&parity(Scheme::Http, BodyCheck::Same), &sides, None, "the gate").await;
    let said = not_yet(&answer).to_lowercase();
    assert!(said.contains("new: ") && said.contains("refused"), "{said}");
    let cut = asked(Behaviour::Cut, Behaviour::Cut, BodyCheck::Ignored).await;
    assert!(not_yet(&cut).contains("old: "), "{cut:?}");
}

/// A TLS server with a certificate for a host, and the CA that vouches for it.
fn secured(name: &str, host: &str) -> (SocketAddr, String) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), Ok(mut connection)) = (stream, ServerConnection::new(config.clone())) else {
                return;
            };
            let mut tls = rustls::Stream::new(&mut connection, &mut stream);
            let mut request = [0_u8; 2048];
            if tls.read(&mut request).is_ok() {
                let _ = tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            }
        }
    });
    (address, issuer.pem())
}

#[tokio::test]
async fn tls_is_verified_for_the_host_with_the_plans_ca() {
    let wanted = parity(Scheme::Https, BodyCheck::Same);
    let ((old, ca), (other, other_ca)) =
        (secured("old", "app.example.com"), secured("new", "app.example.com"));
    let (wrong, wrong_ca) = secured("wrong", "www.example.com");
    let both = format!("{ca}{other_ca}{wrong_ca}");
    let ask_new = async |new: SocketAddr, ca: &str| {
        let sides = Sides { old: vec![old], new: vec![new] };
        ask(&wanted, &sides, Some(ca), "the gate").await
    };
    let alike = ask_new(other, &both).await;
    assert!(matches!(alike, GateAnswer::Passed { .. }), "{alike:?}");
    let unknown = ask_new(other, &ca).await;
    assert!(
        not_yet(&unknown).contains("new: ") && not_yet(&unknown).to_lowercase().contains("unknownissuer"),
        "{unknown:?}"
    );
    let other_host = ask_new(wrong, &both).await;
    assert!(not_yet(&other_host).contains("www.example.com"), "{other_host:?}");
    let no_ca = ask_new(other, "no certificate in here").await;
    assert!(
        matches!(&no_ca, GateAnswer::Failed { problem } if problem.reason.contains("holds no certificate")),
        "{no_ca:?}"
    );
}
