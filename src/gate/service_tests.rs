//! Against a real server that stands where the API server's proxy would pass the answer on: it answers as
//! Prometheus, Grafana and Loki do, and as they should not.

use std::time::Duration;

use kube::Config;
use serde_json::{Value, json};

use super::{ask, ask_within, unasked};
use crate::{
    cluster::{Connection, Reader, SERVICE_BODY_LIMIT},
    gate::{
        GateAnswer,
        test_server::{Behaviour, not_yet, response, serve},
    },
    object::Object,
    plan::{Expectation, JsonPath, Scheme, ServiceRequest, Wanted},
};

async fn reader(behaviour: Behaviour) -> Reader {
    let mut config = Config::new(serve(behaviour).await.parse().unwrap());
    config.default_retry = false;
    Reader::new(Connection::from_config(config, "test".to_owned()).unwrap())
}

fn request(json: Vec<Expectation>) -> ServiceRequest {
    ServiceRequest {
        service: "prometheus".to_owned(),
        namespace: None,
        scheme: Scheme::Http,
        port: "9090".to_owned(),
        path: "/api/v1/targets?state=active".to_owned(),
        status: 200,
        contains: None,
        json,
    }
}

fn equals(path: &str, value: &str) -> Expectation {
    Expectation { path: JsonPath::parse(path).unwrap(), wanted: Wanted::Equals(value.into()) }
}

fn json_answer(status: &str, body: &Value) -> Behaviour {
    response(status, "content-type: application/json\r\n", &body.to_string())
}

async fn asked(behaviour: Behaviour, request: &ServiceRequest) -> GateAnswer {
    ask(&reader(behaviour).await, "monitoring", request, "the gate").await
}

#[tokio::test]
async fn prometheus_targets_are_all_up_or_named() {
    let wanted = request(vec![equals("data.activeTargets[*].health", "up")]);
    let targets = |second: &str, error: &str| {
        json!({"status": "success", "data": {"activeTargets": [
            {"health": "up", "lastError": ""}, {"health": second, "lastError": error}], "droppedTargets": []}})
    };
    let up = asked(json_answer("200 OK", &targets("up", "")), &wanted).await;
    let GateAnswer::Passed { detail, simulated: false } = &up else { panic!("{up:?}") };
    assert!(detail.contains("(2 of 2)"), "{detail}");
    let down = asked(json_answer("200 OK", &targets("down", "connection refused")), &wanted).await;
    assert!(not_yet(&down).contains("lastError: connection refused"), "{down:?}");
    let none = asked(json_answer("200 OK", &json!({"data": {"activeTargets": []}})), &wanted).await;
    assert!(not_yet(&none).contains("empty list"), "{none:?}");
}

#[tokio::test]
async fn grafana_and_loki_are_asked_for_what_they_say() {
    let grafana = request(vec![equals("database", "ok")]);
    let ok = json_answer("200 OK", &json!({"commit": "abc", "database": "ok", "version": "13.0.0"}));
    assert!(matches!(asked(ok, &grafana).await, GateAnswer::Passed { .. }));
    let failing = json_answer("503 Service Unavailable", &json!({"database": "failing"}));
    assert!(not_yet(&asked(failing, &grafana).await).contains("answers 503, wanted 200"));
    let loki = ServiceRequest { contains: Some("ready".to_owned()), ..request(Vec::new()) };
    assert!(matches!(asked(response("200 OK", "", "ready\n"), &loki).await, GateAnswer::Passed { .. }));
    let waiting = response("503 Service Unavailable", "", "Ingester not ready: waiting for 15s\n");
    assert!(not_yet(&asked(waiting, &loki).await).contains("503"));
}

#[tokio::test]
async fn what_is_no_json_or_too_much_of_it_is_no_pass() {
    let wanted = request(vec![equals("database", "ok")]);
    let html = response("200 OK", "content-type: application/json\r\n", "<html>log in</html>");
    assert!(not_yet(&asked(html, &wanted).await).contains("no JSON (line 1"));
    let huge = response("200 OK", "", &" ".repeat(SERVICE_BODY_LIMIT + 1));
    assert!(not_yet(&asked(huge, &wanted).await).contains("more than 4 MiB"));
    assert!(not_yet(&asked(Behaviour::Endless, &wanted).await).contains("more than 4 MiB"));
    assert!(not_yet(&asked(Behaviour::Cut, &wanted).await).contains("broke off"));
}

#[tokio::test]
async fn a_service_that_hangs_is_given_up_and_a_redirect_not_followed() {
    let reader = reader(Behaviour::Hang).await;
    let limit = Duration::from_millis(200);
    let hanging = ask_within(limit, &reader, "monitoring", &request(Vec::new()), "the gate").await;
    assert!(not_yet(&hanging).contains("no whole answer in 0.2 s"), "{hanging:?}");
    let moved = response("302 Found", "location: /login\r\n", "");
    let moved = asked(moved, &request(Vec::new())).await;
    assert!(not_yet(&moved).contains("it leads to /login"), "{moved:?}");
}

#[tokio::test]
async fn the_api_servers_own_words_are_never_the_services_answer() {
    let status = |code: u16, reason: &str, message: &str| {
        let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason,
            "message": message, "code": code});
        json_answer(&format!("{code} {reason}"), &body)
    };
    let wants_404 = ServiceRequest { status: 404, ..request(Vec::new()) };
    let absent = asked(status(404, "NotFound", "services \"prometheus\" not found"), &wants_404).await;
    assert_eq!(not_yet(&absent), "services \"prometheus\" not found");
    let words = "no endpoints available for service \"prometheus\"";
    let nobody = asked(status(503, "ServiceUnavailable", words), &request(Vec::new())).await;
    assert_eq!(not_yet(&nobody), words);
    let refused = asked(status(403, "Forbidden", "cannot get resource"), &request(Vec::new())).await;
    let GateAnswer::Failed { problem } = refused else { panic!("{refused:?}") };
    assert!(problem.remedy.contains("services/proxy"), "{problem}");
}

#[test]
fn where_pods_are_simulated_the_services_port_is_all_that_is_seen() {
    let service = Object(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "prometheus"},
        "spec": {"ports": [{"name": "http-web", "port": 9090}]}}));
    for port in ["9090", "http-web"] {
        let request = ServiceRequest { port: port.to_owned(), ..request(Vec::new()) };
        let answer = unasked(&request, &service);
        let GateAnswer::Passed { detail, simulated: true } = &answer else { panic!("{answer:?}") };
        assert!(detail.starts_with("not asked"), "{detail}");
    }
    let other = ServiceRequest { port: "web".to_owned(), ..request(Vec::new()) };
    assert_eq!(
        not_yet(&unasked(&other, &service)),
        "Service/prometheus has no port web; it has 9090 http-web"
    );
}
