//! Against a server on loopback that answers as GitHub's REST API is documented to.

use std::{
    ffi::OsStr,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Api;
use crate::{
    forge::{ForgeError, Surroundings, Token},
    gate::test_server::{Behaviour, response, serve_by},
    observed::{RunState, WorkflowOf},
};

/// In no answer, error or log may it be found.
const CANARY: &str = "ghp_canaryCanaryCanary";

type Asked = Arc<Mutex<Vec<String>>>;

fn of() -> WorkflowOf {
    WorkflowOf {
        host: "github.com".into(),
        repository: "acme/shop".into(),
        file: "deploy.yml".into(),
        branch: Some("main".into()),
    }
}

async fn token() -> Token {
    let surroundings = Surroundings::new([("GH_TOKEN", CANARY)], OsStr::new(""));
    surroundings.token("github.com", std::path::Path::new("/")).await.unwrap()
}

/// An API with a token, at a server that answers so; and what it was asked.
async fn api(answers: impl Fn(&str) -> Behaviour + Send + Sync + 'static) -> (Api, Asked) {
    let asked = Asked::default();
    let seen = asked.clone();
    let base = serve_by(move |request| {
        seen.lock().unwrap().push(request.to_owned());
        answers(request)
    })
    .await;
    let api = Api::new(&base, Some(token().await)).unwrap();
    (api.within(Duration::from_millis(500), Duration::ZERO), asked)
}

fn run(id: u64) -> Value {
    json!({"id": id, "run_number": id, "run_attempt": 1, "display_title": "deploy staging", "name": "deploy",
        "head_branch": "main", "head_sha": "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678", "event": "push",
        "actor": {"login": "alice"}, "triggering_actor": {"login": "bob"}, "status": "completed",
        "conclusion": "success", "created_at": "2026-11-25T10:00:00Z", "run_started_at": "2026-11-25T10:00:05Z",
        "updated_at": "2026-11-25T10:03:05Z", "html_url": format!("https://github.com/acme/shop/actions/runs/{id}")})
}

fn runs(ids: impl IntoIterator<Item = u64>) -> String {
    let runs: Vec<Value> = ids.into_iter().map(run).collect();
    json!({"total_count": 1000, "workflow_runs": runs}).to_string()
}

async fn error(answer: Behaviour) -> ForgeError {
    let (api, _) = api(move |_| answer.clone()).await;
    api.runs(&of(), None, 5).await.unwrap_err()
}

#[tokio::test]
async fn runs_are_read_and_asked_for_as_documented() {
    let (api, asked) = api(|_| response("200 OK", "", &runs([7]))).await;
    let rows = api.runs(&of(), Some("release/1 #2"), 5).await.unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.number, row.actor.as_str(), row.short_commit()), (7, "bob", "a1b2c3d"));
    assert_eq!((&row.state, row.seconds(Timestamp::MAX)), (&RunState::Succeeded, 180));
    let asked = asked.lock().unwrap()[0].to_lowercase();
    let path = "get /repos/acme/shop/actions/workflows/deploy.yml/runs?exclude_pull_requests=true&per_page=5&page=1\
        &branch=release%2f1%20%232 http/1.1";
    assert!(asked.starts_with(path), "{asked}");
    for header in [
        &format!("authorization: bearer {}", CANARY.to_lowercase()),
        "x-github-api-version: 2022-11-28",
        "user-agent:",
    ] {
        assert!(asked.contains(header), "{header}: {asked}");
    }
}

#[tokio::test]
async fn pages_are_asked_for_until_there_are_enough() {
    let (api, asked) = api(|request| {
        let page = if request.contains("&page=1 ") { 1..=100 } else { 101..=200 };
        response("200 OK", "link: <http://127.0.0.1:1/elsewhere>; rel=\"next\"\r\n", &runs(page))
    })
    .await;
    let rows = api.runs(&of(), None, 130).await.unwrap();
    assert_eq!((rows.len(), rows[129].id), (130, 130));
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn what_has_not_changed_is_taken_from_memory() {
    let (api, asked) = api(|request| {
        if request.to_lowercase().contains("if-none-match: w/\"one\"") {
            response("304 Not Modified", "etag: W/\"one\"\r\n", "")
        } else {
            response("200 OK", "etag: W/\"one\"\r\n", &runs([7]))
        }
    })
    .await;
    let first = api.runs(&of(), None, 5).await.unwrap();
    assert_eq!(api.runs(&of(), None, 5).await.unwrap(), first);
    assert_eq!(asked.lock().unwrap().len(), 2);
    let fresh = api.within(Duration::from_secs(5), Duration::from_mins(1));
    fresh.runs(&of(), None, 5).await.unwrap();
    assert_eq!(asked.lock().unwrap().len(), 2, "several that ask at once are one question");
}

#[tokio::test]
async fn a_rate_limit_is_kept_until_it_ends() {
    let reset = Timestamp::now() + SignedDuration::from_mins(20);
    let head = format!("x-ratelimit-remaining: 0\r\nx-ratelimit-reset: {}\r\n", reset.as_second());
    let (api, asked) = api(move |_| {
        response("403 Forbidden", &head, r#"{"message": "API rate limit exceeded for user ID 1."}"#)
    })
    .await;
    let error = api.runs(&of(), None, 5).await.unwrap_err();
    let ForgeError::Limited { until, is_signed: true } = error else { panic!("{error:?}") };
    assert!(until.duration_since(reset).abs() < SignedDuration::from_secs(2), "{until}");
    assert!(api.runs(&of(), None, 5).await.unwrap_err().passes());
    assert_eq!(asked.lock().unwrap().len(), 1, "nothing is asked while it lasts");
}

#[tokio::test]
async fn secondary_limits_are_waited_out_as_told() {
    let wait = |error: &ForgeError| match error {
        ForgeError::Limited { until, .. } => until.duration_since(Timestamp::now()).as_secs(),
        other => panic!("{other:?}"),
    };
    let told = error(response("429 Too Many Requests", "retry-after: 30\r\n", "")).await;
    assert!((28..=30).contains(&wait(&told)), "{told:?}");
    let told = r#"{"message": "You have exceeded a secondary rate limit."}"#;
    let told = error(response("403 Forbidden", "x-ratelimit-remaining: 4000\r\n", told)).await;
    assert!((55..=60).contains(&wait(&told)), "{told:?}");
    // A server that lies cannot silence us for a year.
    let told = error(response("429 Too Many Requests", "retry-after: 99999999999\r\n", "")).await;
    assert!(wait(&told) <= 7200, "{told:?}");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let message = |text: &str| json!({ "message": text }).to_string();
    assert_eq!(
        error(response("401 Unauthorized", "", &message("Bad credentials"))).await,
        ForgeError::BadToken
    );
    let words = "Resource not accessible by personal access token";
    assert_eq!(
        error(response("403 Forbidden", "x-ratelimit-remaining: 4999\r\n", &message(words))).await,
        ForgeError::Forbidden(words.into())
    );
    assert_eq!(
        error(response("404 Not Found", "", &message("Not Found"))).await,
        ForgeError::NotFound { is_signed: true }
    );
    assert!(error(response("502 Bad Gateway", "", "<html>")).await.passes());
    assert!(matches!(
        error(response("422 Unprocessable Entity", "", &message("no"))).await,
        ForgeError::Refused(_)
    ));
}

#[tokio::test]
async fn what_cannot_be_made_sense_of_is_said_to_be_so() {
    for body in [
        "<html>a proxy's page</html>",
        "{\"workflow_runs\": 7}",
        "[]",
        "{\"workflow_runs\": [{\"id\": \"x\"}]}",
    ] {
        let told = error(response("200 OK", "", body)).await;
        assert!(matches!(&told, ForgeError::Odd(_)), "{told:?}");
    }
    assert!(matches!(error(response("200 OK", "", &"x".repeat(9 * 1024 * 1024))).await, ForgeError::Odd(_)));
    assert!(error(Behaviour::Hang).await.reason().contains("no answer in"), "hanging");
    assert!(error(Behaviour::Cut).await.passes());
}

#[tokio::test]
async fn the_token_follows_to_the_same_server_only() {
    let elsewhere = Asked::default();
    let seen = elsewhere.clone();
    let other = serve_by(move |request| {
        seen.lock().unwrap().push(request.to_owned());
        response("200 OK", "", &runs([7]))
    })
    .await;
    let location = format!("location: {other}/repositories/1/runs\r\n");
    let told = error(response("301 Moved Permanently", &location, "")).await;
    assert!(matches!(&told, ForgeError::Odd(reason) if reason.contains("is not asked")), "{told:?}");
    assert!(elsewhere.lock().unwrap().is_empty());
    let (api, asked) = api(|request| {
        if request.starts_with("GET /repos/") {
            response("301 Moved Permanently", "location: /repositories/1/runs\r\n", "")
        } else {
            response("200 OK", "", &runs([7]))
        }
    })
    .await;
    assert_eq!(api.runs(&of(), None, 5).await.unwrap().len(), 1);
    assert!(asked.lock().unwrap()[1].contains(CANARY));
}

#[tokio::test]
async fn texts_are_neutralised_and_the_token_is_in_none() {
    let mut hostile = run(7);
    hostile["display_title"] = json!("\u{1b}]0;owned\u{7}fix\u{202e}");
    hostile["html_url"] = json!("javascript:alert(1)");
    let body = json!({"workflow_runs": [hostile]}).to_string();
    let (asked_api, _) = api(move |_| response("200 OK", "", &body)).await;
    let rows = asked_api.runs(&of(), None, 5).await.unwrap();
    assert_eq!((rows[0].title.as_str(), rows[0].url.as_str()), ("␛]0;owned␇fix�", ""));
    let echo = error(response("403 Forbidden", "", &json!({ "message": CANARY }).to_string())).await;
    let problem = echo.problem("runs", crate::forge::Need::Read);
    for text in
        [format!("{echo:?}"), problem.to_string(), format!("{asked_api:?}"), format!("{:?}", token().await)]
    {
        assert!(!text.contains(CANARY), "{text}");
    }
}

#[tokio::test]
async fn a_token_is_sent_over_tls_or_to_this_machine() {
    for base in ["http://api.acme.example", "ftp://github.com", "https://user@github.com", "api.github.com"] {
        assert!(Api::new(base, None).is_err(), "{base}");
    }
    for base in ["https://api.github.com", "http://127.0.0.1:8080", "http://localhost:1/"] {
        assert!(Api::new(base, None).is_ok(), "{base}");
    }
}

#[tokio::test]
async fn jobs_name_the_step_that_failed() {
    let body = json!({"jobs": [
        {"name": "build", "status": "completed", "conclusion": "success", "steps": []},
        {"name": "deploy", "status": "completed", "conclusion": "failure", "steps": [
            {"name": "Apply", "status": "completed", "conclusion": "success"},
            {"name": "Wait for the rollout", "status": "completed", "conclusion": "failure"},
            {"name": "Post", "status": "completed", "conclusion": "skipped"}]}]})
    .to_string();
    let (api, _) = api(move |_| response("200 OK", "", &body)).await;
    let jobs = api.jobs("acme/shop", 7).await.unwrap();
    assert_eq!(jobs[1].failed_step.as_deref(), Some("Wait for the rollout"));
    assert_eq!(jobs[0].state, RunState::Succeeded);
}

#[tokio::test]
async fn a_name_is_a_branch_or_else_a_tag() {
    let sha = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678";
    let (api, _) = api(move |request| {
        if request.starts_with("GET /repos/acme/shop/git/ref/tags/v1 ") {
            response("200 OK", "", &json!({"object": {"sha": sha, "type": "commit"}}).to_string())
        } else {
            response("404 Not Found", "", "{}")
        }
    })
    .await;
    assert_eq!(api.commit("acme/shop", "v1").await.unwrap(), sha);
    assert!(matches!(api.commit("acme/shop", "v2").await, Err(ForgeError::NotFound { .. })));
}
