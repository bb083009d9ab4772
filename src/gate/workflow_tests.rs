//! What a run means for the gate; and the gate against a server that answers as GitHub does.

use std::{ffi::OsStr, path::PathBuf};

use serde_json::{Value, json};

use super::ask;
use crate::{
    forge::{Desk, Surroundings},
    gate::{
        GateAnswer,
        test_server::{Behaviour, not_yet, response, serve_by},
    },
    plan::{WorkflowAt, WorkflowGate},
};

const HEAD: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678";

fn run(number: u64, title: &str, commit: &str, (status, conclusion): (&str, Value)) -> Value {
    json!({"id": number, "run_number": number, "display_title": title, "head_branch": "main", "head_sha": commit,
        "event": "push", "actor": {"login": "alice"}, "status": status, "conclusion": conclusion,
        "created_at": "2026-11-25T10:00:00Z", "updated_at": "2026-11-25T10:03:05Z",
        "html_url": format!("https://github.com/acme/shop/actions/runs/{number}")})
}

/// Asks the gate of a repository with these runs.
async fn asked(runs: Vec<Value>, title: Option<&str>) -> GateAnswer {
    let jobs = json!({"jobs": [{"name": "deploy", "status": "completed", "conclusion": "failure", "steps": [
        {"name": "Wait for the rollout", "status": "completed", "conclusion": "failure"}]}]});
    asked_of(
        move |request| {
            let body = match request.split(' ').nth(1).unwrap() {
                "/repos/acme/shop" => json!({"default_branch": "main"}),
                "/repos/acme/shop/git/ref/heads/main" => json!({"object": {"sha": HEAD}}),
                path if path.contains("/jobs?") => jobs.clone(),
                path if path.contains("/workflows/deploy.yml/runs?") && path.contains("branch=main") => {
                    json!({"workflow_runs": runs})
                }
                other => panic!("{other}"),
            };
            response("200 OK", "", &body.to_string())
        },
        title,
    )
    .await
}

async fn asked_of(
    answers: impl Fn(&str) -> Behaviour + Send + Sync + 'static,
    title: Option<&str>,
) -> GateAnswer {
    let base = serve_by(answers).await;
    let variables = [("MIGRATE_TUI_GITHUB_API", base.as_str()), ("GH_TOKEN", "ghp_canary")];
    let at = WorkflowAt {
        repository: Some("acme/shop".into()),
        file: Some("deploy.yml".into()),
        ..WorkflowAt::default()
    };
    let desk = Desk::new(PathBuf::from("/"), at, Surroundings::new(variables, OsStr::new("")));
    let gate = WorkflowGate { title: title.map(str::to_owned), ..WorkflowGate::default() };
    ask(&desk, &gate, "the newest run").await
}

fn failed(answer: &GateAnswer) -> (&str, &str) {
    match answer {
        GateAnswer::Failed { problem } => (&problem.reason, &problem.remedy),
        other => panic!("expected a failure, not {other:?}"),
    }
}

#[tokio::test]
async fn the_branchs_commit_must_have_succeeded() {
    let answer = asked(vec![run(8, "deploy staging", HEAD, ("completed", json!("success")))], None).await;
    let GateAnswer::Passed { detail, simulated: false } = &answer else { panic!("{answer:?}") };
    assert!(detail.contains("#8 of main@a1b2c3d succeeded"), "{detail}");
    let old = "b".repeat(40);
    let answer = asked(vec![run(7, "deploy", &old, ("completed", json!("success")))], None).await;
    assert!(not_yet(&answer).contains("main is at a1b2c3d by now, and the newest run is #7 of bbbbbbb"));
    let answer = asked(vec![run(9, "deploy", HEAD, ("in_progress", Value::Null))], None).await;
    assert!(not_yet(&answer).ends_with("is running"), "{answer:?}");
    assert!(not_yet(&asked(Vec::new(), None).await).contains("has no run on main yet"));
}

#[tokio::test]
async fn a_failed_run_names_job_and_step() {
    let answer = asked(vec![run(8, "deploy", HEAD, ("completed", json!("failure")))], None).await;
    let (reason, remedy) = failed(&answer);
    assert!(reason.ends_with("ended with failure at deploy: Wait for the rollout"), "{reason}");
    assert!(remedy.contains("actions/runs/8") && remedy.contains("tick the step with a note"), "{remedy}");
    let answer = asked(vec![run(8, "deploy", HEAD, ("completed", json!("cancelled")))], None).await;
    assert!(failed(&answer).0.contains("cancelled"));
}

#[tokio::test]
async fn only_runs_that_count_are_looked_at() {
    let mut foreign = run(10, "deploy staging", HEAD, ("completed", json!("success")));
    foreign["event"] = json!("pull_request_target");
    let runs = vec![
        foreign,
        run(9, "deploy prod", HEAD, ("completed", json!("failure"))),
        run(8, "deploy staging", HEAD, ("completed", json!("success"))),
    ];
    let answer = asked(runs.clone(), Some("staging")).await;
    assert!(matches!(&answer, GateAnswer::Passed { detail, .. } if detail.contains("#8")), "{answer:?}");
    assert!(failed(&asked(runs, None).await).0.contains("#9"));
}

#[tokio::test]
async fn who_may_not_ask_is_told_what_to_do() {
    let answer = asked_of(|_| response("404 Not Found", "", "{}"), None).await;
    let (reason, remedy) = failed(&answer);
    assert!(reason.contains("404") && remedy.contains("Actions: read"), "{reason} {remedy}");
    let answer = asked_of(|_| response("429 Too Many Requests", "retry-after: 9\r\n", ""), None).await;
    assert!(not_yet(&answer).contains("rate limit"), "{answer:?}");
    let nowhere = Desk::new(PathBuf::from("/"), WorkflowAt::default(), Surroundings::new([], OsStr::new("")));
    let answer = ask(&nowhere, &WorkflowGate::default(), "the newest run").await;
    let (reason, remedy) = failed(&answer);
    assert!(reason.contains("git is not installed"), "{reason}");
    assert!(remedy.contains("workflow: {repository") && remedy.contains("tick"), "{remedy}");
}
