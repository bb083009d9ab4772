//! Against a real server on loopback that answers as it is told to.

use std::time::Duration;

use tokio::net::TcpListener;

use super::{BODY_LIMIT, ask, ask_within};
use crate::gate::{
    GateAnswer,
    test_server::{Behaviour, not_yet, response, serve as serve_at},
};

async fn serve(behaviour: Behaviour) -> String {
    format!("{}/healthz", serve_at(behaviour).await)
}

#[tokio::test]
async fn the_wanted_status_and_text_pass() {
    let url = serve(response("200 OK", "", "all is well")).await;
    for contains in [None, Some("is well")] {
        let answer = ask(&url, 200, contains).await;
        assert!(matches!(answer, GateAnswer::Passed { simulated: false, .. }), "{answer:?}");
    }
    let answer = ask(&url, 200, Some("on fire")).await;
    assert!(not_yet(&answer).contains("does not contain"), "{answer:?}");
}

#[tokio::test]
async fn another_status_is_named_and_a_redirect_is_not_followed() {
    let answer = ask(&serve(response("503 Service Unavailable", "", "")).await, 200, None).await;
    assert!(not_yet(&answer).contains("answers 503, wanted 200"), "{answer:?}");
    let moved = response("301 Moved Permanently", "location: http://127.0.0.1:1/\r\n", "");
    let url = serve(moved).await;
    let answer = ask(&url, 200, None).await;
    assert!(not_yet(&answer).contains("redirects are not followed"), "{answer:?}");
    assert!(matches!(ask(&url, 301, None).await, GateAnswer::Passed { .. }));
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let url = serve(Behaviour::Hang).await;
    let answer = ask_within(Duration::from_millis(200), &url, 200, None).await;
    assert!(not_yet(&answer).contains("no answer"), "{answer:?}");
}

#[tokio::test]
async fn a_connection_that_is_cut_is_no_pass() {
    let answer = ask(&serve(Behaviour::Cut).await, 200, Some("half")).await;
    assert!(not_yet(&answer).contains("then:"), "{answer:?}");
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_the_end() {
    let body = "x".repeat(BODY_LIMIT + 1);
    let answer = ask(&serve(response("200 OK", "", &body)).await, 200, Some("y")).await;
    assert!(not_yet(&answer).contains("more than 1 MiB"), "{answer:?}");
}

#[tokio::test]
async fn nobody_there_is_no_failure_for_good() {
    // Bound and dropped: the port was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let answer = ask(&format!("http://127.0.0.1:{port}/"), 200, None).await;
    assert!(not_yet(&answer).to_lowercase().contains("refused"), "{answer:?}");
}

#[tokio::test]
async fn what_is_no_url_fails_at_once() {
    for url in ["", "gateway", "ftp://example.com/", "/healthz"] {
        assert!(matches!(ask(url, 200, None).await, GateAnswer::Failed { .. }), "{url}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let url = serve(response("200 OK", "", "")).await.replace("http://", "https://");
    let answer = ask(&url, 200, None).await;
    assert!(!matches!(answer, GateAnswer::Passed { .. }), "{answer:?}");
}

#[test]
fn only_this_machine_is_inside_a_rehearsal() {
    for (url, is_outside) in [
        ("http://127.0.0.1:8080/", false),
        ("http://[::1]/", false),
        ("http://localhost/", false),
        ("https://app.example.com/healthz", true),
        ("http://192.0.2.1/", true),
    ] {
        assert_eq!(super::is_outside(url), is_outside, "{url}");
    }
}
