//! `workflow runs`, `workflow dispatch` and `status`, against a server on loopback that answers as GitHub does.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// It may be in nothing that is printed or written.
const CANARY: &str = "ghp_canaryCanaryCanary";

const PLAN: &str = "\
name: shop
title: The shop
workflow: {repository: acme/shop, file: deploy.yml}
environments:
  - name: staging
    namespace: shop-staging
stages:
  - id: week-2
    title: CI/CD
    steps:
      - id: pipeline-apply
        title: Let the pipeline deploy
        manual: {instructions: [Run it.]}
        gates: [{workflow: {title: staging}}]
";

/// A GitHub: what it answers by method and path, and what it was asked.
#[derive(Clone, Default)]
struct Hub {
    answers: Arc<Mutex<BTreeMap<String, (u16, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Hub {
    fn new() -> (Self, String) {
        let hub = Self::default();
        hub.say("GET /repos/acme/shop", &json!({"default_branch": "main"}));
        hub.head("a");
        hub.put(
            "GET /repos/acme/shop/contents/.github/workflows/deploy.yml",
            200,
            include_str!("../../plans/phase-2/ci/deploy.yml"),
        );
        hub.say(
            "GET /repos/acme/shop/actions/workflows/deploy.yml/runs",
            &json!({"workflow_runs": [run(7, "failure")]}),
        );
        hub.say("GET /repos/acme/shop/actions/runs/7/jobs", &json!({"jobs": [{"name": "deploy", "status": "completed",
            "conclusion": "failure", "steps": [{"name": "Apply", "status": "completed", "conclusion": "failure"}]}]}));
        hub.say("GET /repos/acme/shop/actions/runs/8", &run(8, "success"));
        hub.say(
            "POST /repos/acme/shop/actions/workflows/deploy.yml/dispatches",
            &json!({"workflow_run_id": 8}),
        );
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let serving = hub.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
                let length = head
                    .to_lowercase()
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                let mut body = vec![0; length.unwrap_or(0)];
                reader.read_exact(&mut body).unwrap();
                let line = head.split(" HTTP/").next().unwrap_or_default();
                let path = line.split('?').next().unwrap_or_default();
                serving.asked.lock().unwrap().push(format!("{head}{}", String::from_utf8_lossy(&body)));
                let (status, body) =
                    serving.answers.lock().unwrap().get(path).cloned().unwrap_or((404, "{}".to_owned()));
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        (hub, base)
    }

    fn put(&self, path: &str, status: u16, body: &str) {
        self.answers.lock().unwrap().insert(path.to_owned(), (status, body.to_owned()));
    }

    fn say(&self, path: &str, body: &Value) {
        self.put(path, 200, &body.to_string());
    }

    fn head(&self, digit: &str) {
        self.say("GET /repos/acme/shop/git/ref/heads/main", &json!({"object": {"sha": digit.repeat(40)}}));
    }

    fn posts(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|request| request.starts_with("POST ")).count()
    }
}

fn run(number: u64, conclusion: &str) -> Value {
    json!({"id": number, "run_number": number, "display_title": "deploy to \u{1b}[31mstaging", "head_branch": "main",
        "head_sha": "a".repeat(40), "event": "workflow_dispatch", "actor": {"login": "alice"}, "status": "completed",
        "conclusion": conclusion, "created_at": "2026-11-25T10:00:00Z", "updated_at": "2026-11-25T10:03:05Z",
        "html_url": format!("https://github.com/acme/shop/actions/runs/{number}")})
}

struct Home {
    folder: TempDir,
    base: String,
}

impl Home {
    fn new(base: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plan.yaml"), PLAN).unwrap();
        Self { folder, base }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-tui"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("KUBECONFIG", self.folder.path().join("none"))
            .env("RUST_LOG", "trace")
            .env("MIGRATE_TUI_GITHUB_API", &self.base)
            .env("GH_TOKEN", CANARY);
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        told(&self.command(arguments).output().unwrap())
    }

    /// Everything that was written to the state folder.
    fn written(&self) -> String {
        fn collect(folder: &Path, all: &mut String) {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, all);
                } else {
                    all.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap()));
                }
            }
        }
        let mut all = String::new();
        collect(&self.folder.path().join("state"), &mut all);
        all
    }
}

fn told(output: &Output) -> (i32, String) {
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(CANARY) && !text.contains('\u{1b}'), "{text}");
    (output.status.code().unwrap(), text)
}

#[test]
fn runs_are_told_as_text_and_as_json() {
    let (hub, base) = Hub::new();
    let home = Home::new(base);
    let (code, text) = home.run(&["workflow", "runs"]);
    assert_eq!(code, 0, "{text}");
    insta::assert_snapshot!(text, @"
    deploy.yml of acme/shop
    ✖ #7 deploy to ␛[31mstaging: failure, main@aaaaaaa, workflow_dispatch by alice, 2026-11-25T10:00:00Z, 185 s
        failed at deploy: Apply
        https://github.com/acme/shop/actions/runs/7
    ");
    let (code, json) = home.run(&["workflow", "runs", "-o", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, json["runs"][0]["jobs"][0]["failedStep"].as_str()), (0, Some("Apply")), "{json:#}");
    hub.put("GET /repos/acme/shop/actions/workflows/deploy.yml/runs", 404, "{}");
    let (code, text) = home.run(&["workflow", "runs"]);
    assert!(code == 1 && text.contains("404") && text.contains("Actions: read"), "{code} {text}");
    let unsigned = home.command(&["workflow", "runs"]).env_remove("GH_TOKEN").output().unwrap();
    assert!(told(&unsigned).1.contains("it is private and there is no token"));
}

#[test]
fn a_run_is_shown_approved_sent_and_noted() {
    let (hub, base) = Hub::new();
    let home = Home::new(base);
    let (code, shown) = home.run(&["workflow", "dispatch"]);
    assert_eq!((code, hub.posts()), (3, 0), "{shown}");
    insta::assert_snapshot!(shown, @"
    workflow   deploy.yml of github.com/acme/shop
    ref        main, which is at aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    inputs     environment = staging
    the newest run so far:
      ✖ #7 deploy to ␛[31mstaging: failure, main@aaaaaaa, workflow_dispatch by alice, 2026-11-25T10:00:00Z, 185 s
          https://github.com/acme/shop/actions/runs/7
    A run cannot be taken back. What it deploys is undone by running the commit before, from a branch or tag that points at it; or by rolling back the step here that applies the same objects.
    nothing was sent; to start this run, repeat with --approve 2895cf923430
    digest 2895cf923430007c5d62d24fb5351cb6a935936cc2455679aa4c7b98506c1b9d
    ");
    let digest = shown.lines().find_map(|line| line.strip_prefix("digest ")).unwrap().to_owned();
    let (code, text) = home.run(&["workflow", "dispatch", "--approve", &digest[..11]]);
    assert_eq!((code, hub.posts()), (4, 0), "{text}");
    let (code, text) = home.run(&["--read-only", "workflow", "dispatch", "--approve", &digest]);
    assert_eq!((code, hub.posts()), (5, 0), "{text}");
    let (code, text) = home.run(&["workflow", "dispatch", "--approve", &digest[..12]]);
    assert_eq!((code, hub.posts()), (0, 1), "{text}");
    assert!(text.contains("run #8 was started\nhttps://github.com/acme/shop/actions/runs/8"), "{text}");
    let written = home.written();
    for noted in [
        "asked for a run of deploy.yml of github.com/acme/shop on main at aaaa",
        &digest[..12],
        "actions/runs/8",
    ] {
        assert!(written.contains(noted), "{noted}: {written}");
    }
    assert!(!written.contains(CANARY));
}

#[test]
fn what_moved_or_is_not_as_declared_is_not_sent() {
    let (hub, base) = Hub::new();
    let home = Home::new(base);
    let (_, shown) = home.run(&["workflow", "dispatch", "-o", "json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["dispatch"]["inputs"]["environment"], "staging", "{shown:#}");
    hub.head("b");
    let (code, text) = home.run(&["workflow", "dispatch", "--approve", shown["digest"].as_str().unwrap()]);
    assert!(code == 4 && text.contains("bbbbbbb"), "{code} {text}");
    let (code, text) = home.run(&["workflow", "dispatch", "--input", "environment=moon"]);
    assert!(code == 5 && text.contains("moon is not one of what environment may be"), "{code} {text}");
    let (code, text) = home.run(&["workflow", "dispatch", "--step", "week-2/nowhere"]);
    assert!(code == 1 && text.contains("there is no step"), "{code} {text}");
    let (code, _) = home.run(&["workflow", "dispatch", "--input", "environment"]);
    assert_eq!((code, hub.posts()), (2, 0));
    let (_, shown) = home.run(&["workflow", "dispatch", "-o", "json"]);
    let digest = serde_json::from_str::<Value>(&shown).unwrap()["digest"].as_str().unwrap().to_owned();
    hub.put(
        "POST /repos/acme/shop/actions/workflows/deploy.yml/dispatches",
        403,
        r#"{"message": "Resource not accessible"}"#,
    );
    let (code, text) = home.run(&["workflow", "dispatch", "--approve", &digest]);
    assert!(code == 5 && text.contains("Actions: read and write"), "{code} {text}");
    hub.put("POST /repos/acme/shop/actions/workflows/deploy.yml/dispatches", 502, "");
    let (code, text) = home.run(&["workflow", "dispatch", "--approve", &digest]);
    assert!(code == 6 && text.contains("it is not known whether it was started"), "{code} {text}");
    assert!(home.written().contains("not known whether"), "the journal says so too");
}

#[test]
fn status_tells_the_newest_run_and_its_code_is_its_own() {
    let (hub, base) = Hub::new();
    let home = Home::new(base);
    let (code, text) = home.run(&["status"]);
    assert_eq!(code, 12, "no cluster: {text}");
    assert!(text.contains("newest run of deploy.yml of acme/shop:\n    ✖ #7 "), "{text}");
    assert!(text.contains("failed at deploy: Apply"), "{text}");
    let (_, json) = home.run(&["status", "-o", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["workflow"]["newest"]["number"], 7, "{json:#}");
    hub.put("GET /repos/acme/shop/actions/workflows/deploy.yml/runs", 500, "");
    let (code, text) = home.run(&["status"]);
    assert!(code == 12 && text.contains("acme/shop: not known\n    GitHub cannot be asked"), "{code} {text}");
}
