//! Against a server on loopback that answers as GitHub's REST API is documented to.

use std::{
    ffi::OsStr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use super::{Unsent, Wanted};
use crate::{
    forge::{Desk, Surroundings},
    gate::test_server::{Behaviour, response, serve_by},
    plan::WorkflowAt,
};

const WORKFLOW: &str = include_str!("../../plans/phase-2/ci/deploy.yml");

/// A repository: what it was asked, where its branch is, and what it answers to a dispatch.
#[derive(Clone)]
struct Hub {
    asked: Arc<Mutex<Vec<String>>>,
    head: Arc<Mutex<String>>,
    answer: Arc<Mutex<Behaviour>>,
}

impl Hub {
    fn new(answer: Behaviour) -> Self {
        let (asked, head) = (Arc::default(), Arc::new(Mutex::new("a".repeat(40))));
        Self { asked, head, answer: Arc::new(Mutex::new(answer)) }
    }

    fn run(&self, number: u64, actor: &str) -> Value {
        json!({"id": number, "run_number": number, "display_title": "deploy", "head_branch": "main",
            "head_sha": *self.head.lock().unwrap(), "event": "workflow_dispatch", "actor": {"login": actor},
            "status": "queued", "conclusion": null, "created_at": "2026-11-25T10:00:00Z",
            "updated_at": "2026-11-25T10:00:00Z", "html_url": format!("https://github.com/acme/shop/actions/runs/{number}")})
    }

    fn posts(&self) -> Vec<Value> {
        let asked = self.asked.lock().unwrap();
        let posts = asked.iter().filter(|request| request.starts_with("POST "));
        posts
            .map(|request| serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap())
            .collect()
    }

    async fn desk(&self, host: Option<&str>) -> Desk {
        let hub = self.clone();
        let base = serve_by(move |request| hub.respond(request)).await;
        let at = WorkflowAt {
            host: host.map(str::to_owned),
            repository: Some("acme/shop".into()),
            file: Some("deploy.yml".into()),
            branch: None,
        };
        let variables = [
            ("MIGRATE_TUI_GITHUB_API", base.as_str()),
            ("GH_TOKEN", "ghp_canary"),
            ("GH_ENTERPRISE_TOKEN", "ghp_canary"),
            ("GH_HOST", host.unwrap_or("github.com")),
        ];
        Desk::new(PathBuf::from("/"), at, Surroundings::new(variables, OsStr::new("")))
    }

    fn respond(&self, request: &str) -> Behaviour {
        self.asked.lock().unwrap().push(request.to_owned());
        let has_sent = !self.posts().is_empty();
        let mut parts = request.split(' ');
        let body = match (parts.next().unwrap(), parts.next().unwrap()) {
            ("POST", "/repos/acme/shop/actions/workflows/deploy.yml/dispatches") => {
                return self.answer.lock().unwrap().clone();
            }
            (_, "/repos/acme/shop") => json!({"default_branch": "main"}),
            (_, "/repos/acme/shop/git/ref/heads/main") => {
                json!({"object": {"sha": *self.head.lock().unwrap()}})
            }
            (_, "/user") => json!({"login": "alice"}),
            (_, "/repos/acme/shop/actions/runs/9") => self.run(9, "alice"),
            (_, path) if path.starts_with("/repos/acme/shop/contents/.github/workflows/deploy.yml?ref=") => {
                return response("200 OK", "", WORKFLOW);
            }
            (_, path) if path.contains("/workflows/deploy.yml/runs?") => {
                let numbers: &[(u64, &str)] =
                    if has_sent { &[(10, "mallory"), (9, "alice"), (8, "alice")] } else { &[(8, "alice")] };
                json!({"workflow_runs": numbers.iter().map(|(number, actor)| self.run(*number, actor)).collect::<Vec<_>>()})
            }
            _ => return response("404 Not Found", "", "{}"),
        };
        response("200 OK", "", &body.to_string())
    }
}

fn wanted() -> Wanted {
    Wanted { environment: "staging".into(), ..Wanted::default() }
}

#[tokio::test]
async fn what_is_shown_is_what_is_sent() {
    let told = json!({"workflow_run_id": 9, "run_url": "https://x", "html_url": "https://x"}).to_string();
    let hub = Hub::new(response("200 OK", "", &told));
    let desk = hub.desk(None).await;
    let shown = desk.propose(&wanted()).await.unwrap();
    assert_eq!((shown.reference.as_str(), shown.commit.as_str()), ("main", "a".repeat(40).as_str()));
    assert_eq!(shown.inputs["environment"], "staging");
    assert!(hub.posts().is_empty(), "a look sends nothing");
    let sent = desk.dispatch(&shown).await.unwrap();
    assert_eq!(sent.url, "https://github.com/acme/shop/actions/runs/9");
    assert_eq!(sent.run.unwrap().number, 9);
    let body = json!({"ref": "main", "inputs": {"environment": "staging"}, "return_run_details": true});
    assert_eq!(hub.posts(), [body]);
}

#[tokio::test]
async fn where_the_run_is_not_told_it_is_the_new_one_of_ours() {
    let hub = Hub::new(response("204 No Content", "", ""));
    let desk = hub.desk(Some("github.acme.example")).await;
    let shown = desk.propose(&wanted()).await.unwrap();
    let sent = desk.dispatch(&shown).await.unwrap();
    assert_eq!(sent.run.unwrap().number, 9);
    assert_eq!(
        hub.posts()[0].get("return_run_details"),
        None,
        "an older server refuses what it does not know"
    );
}

#[tokio::test]
async fn a_branch_that_moved_is_not_run() {
    let hub = Hub::new(response("204 No Content", "", ""));
    let desk = hub.desk(None).await;
    let shown = desk.propose(&wanted()).await.unwrap();
    *hub.head.lock().unwrap() = "b".repeat(40);
    let Err(Unsent::Moved(now)) = desk.dispatch(&shown).await else { panic!("it was sent") };
    assert_eq!(now.commit, "b".repeat(40));
    assert!(now.digest() != shown.digest() && hub.posts().is_empty());
}

#[tokio::test]
async fn refusals_say_what_to_do_and_silence_is_not_taken_for_one() {
    let words = json!({"message": "Resource not accessible by personal access token"}).to_string();
    let hub = Hub::new(response("403 Forbidden", "x-ratelimit-remaining: 99\r\n", &words));
    let desk = hub.desk(None).await;
    let shown = desk.propose(&wanted()).await.unwrap();
    let Err(Unsent::Problem(problem)) = desk.dispatch(&shown).await else { panic!("it was sent") };
    assert!(problem.remedy.contains("Actions: read and write"), "{problem}");
    *hub.answer.lock().unwrap() = response("502 Bad Gateway", "", "");
    let Err(Unsent::Unknown(problem)) = desk.dispatch(&shown).await else { panic!("it was sent") };
    assert!(
        problem.reason.contains("not known whether") && !problem.to_string().contains("canary"),
        "{problem}"
    );
}

#[tokio::test]
async fn nothing_is_started_in_a_rehearsal_or_without_a_token() {
    let hub = Hub::new(response("204 No Content", "", ""));
    let rehearsed = hub.desk(None).await.in_rehearsal();
    assert!(rehearsed.propose(&wanted()).await.unwrap_err().reason.contains("rehearsal"));
    let at = WorkflowAt {
        repository: Some("acme/shop".into()),
        file: Some("deploy.yml".into()),
        ..WorkflowAt::default()
    };
    let unsigned = Desk::new(PathBuf::from("/"), at, Surroundings::new([], OsStr::new("")));
    let problem = unsigned.propose(&wanted()).await.unwrap_err();
    assert!(problem.reason.contains("no token") && problem.remedy.contains("GH_TOKEN"), "{problem}");
    let bad = Wanted { inputs: vec![("environment".into(), "moon".into())], ..wanted() };
    let problem = hub.desk(None).await.propose(&bad).await.unwrap_err();
    assert!(
        problem.reason.contains("moon is not one of what environment may be: dev, staging, prod"),
        "{problem}"
    );
    assert!(hub.posts().is_empty());
}
