//! `migrate-tui status` without a cluster: what the journal knows is told all the same.

use std::{
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

const PLAN: &str = "\
name: small
title: Two steps
environments:
  - name: staging
    namespace: small-staging
    confirm: button
stages:
  - id: week-1
    title: Week 1
    steps:
      - id: look
        title: Look around
        manual: {instructions: [look]}
      - id: note
        title: Write it down
        manual: {instructions: [write]}
";

/// A kubeconfig that leads to a port that nobody listens on.
const NOBODY: &str = "\
apiVersion: v1
kind: Config
clusters: [{name: nobody, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: nobody, user: {token: none}}]
contexts: [{name: nobody, context: {cluster: nobody, user: nobody}}]
current-context: nobody
";

fn run(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_migrate-tui"))
        .args(arguments)
        .current_dir(home)
        .env("HOME", home)
        .env("XDG_STATE_HOME", home.join("state"))
        .env_remove("XDG_CONFIG_HOME")
        .env("KUBECONFIG", home.join("kubeconfig"))
        .output()
        .unwrap()
}

fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("plan.yaml"), PLAN).unwrap();
    std::fs::write(home.path().join("kubeconfig"), NOBODY).unwrap();
    home
}

#[test]
fn a_cluster_that_does_not_answer_has_a_code_of_its_own_and_the_plan_is_still_told() {
    let home = home();
    let output = run(home.path(), &["status"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(12), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("Week 1  0/2") && text.contains("○ Look around [open] week-1/"), "{text}");
    assert!(text.contains("no answer") && text.contains("refused"), "{text}");
    assert_eq!(text.matches("no answer since").count(), 1, "said once: {text}");
    assert!(text.contains("pods, workloads, autoscalers, ingresses: not known"), "{text}");
    let (_, since) = text.split_once("no answer since ").unwrap();
    assert_eq!(since.find('Z'), Some("2026-11-24T14:03:11".len()), "to the second: {since}");
    assert!(!home.path().join("state/migrate-tui/runs").exists(), "a look begins no run");

    let output = run(home.path(), &["status", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["attention"], "unknown");
    assert_eq!(json["cluster"]["context"], "nobody");
}

#[test]
fn no_kubeconfig_at_all_is_said_as_such() {
    let home = home();
    std::fs::remove_file(home.path().join("kubeconfig")).unwrap();
    let output = run(home.path(), &["status"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(12), "{text}");
    assert!(text.contains("not connected, namespace small-staging") && text.contains("kubeconfig"), "{text}");
    assert!(text.contains("check --kubeconfig"), "{text}");
    let output = run(home.path(), &["status", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["cluster"].get("context"), None);
}

#[test]
fn a_command_without_a_kubeconfig_says_what_to_do() {
    let home = home();
    std::fs::remove_file(home.path().join("kubeconfig")).unwrap();
    let output = run(home.path(), &["plan", "week-1"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("do:  check --kubeconfig, --context and KUBECONFIG"), "{text}");
}

#[test]
fn a_plan_that_is_not_there_has_no_line_in_it() {
    let home = home();
    for arguments in [&["status", "--plan", "nowhere"][..], &["check", "nowhere"]] {
        let output = run(home.path(), arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("cannot be read: No such file") && !text.contains("nowhere:1"), "{text}");
        assert!(text.contains("--plan FILE"), "{text}");
    }
}

#[test]
fn a_theme_that_is_not_there_is_the_flags_mistake() {
    let home = home();
    let themes = home.path().join(".config/migrate-tui/themes");
    std::fs::create_dir_all(&themes).unwrap();
    std::fs::write(themes.join("mine.toml"), "").unwrap();
    let output = run(home.path(), &["--theme", "nope"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.starts_with("--theme nope: ") && !text.contains("that file"), "{text}");
    assert!(text.contains("dark, light, high-contrast, mine"), "{text}");
}

#[test]
fn a_title_steers_no_terminal_and_forges_no_line() {
    let home = home();
    let hostile = "title: \"Look\\e]0;owned\\a\\n✔ all is done\"";
    let plan = PLAN.replace("title: Look around", hostile);
    std::fs::write(home.path().join("plan.yaml"), plan).unwrap();
    for format in ["text", "json"] {
        let output = run(home.path(), &["status", "-o", format]);
        let text = String::from_utf8_lossy(&output.stdout);
        let steers = |character: char| character != '\n' && migrate_tui::words::is_dangerous(character);
        assert!(text.contains("owned") && !text.chars().any(steers), "{text:?}");
        assert!(!text.lines().any(|line| line.starts_with('✔')), "{text}");
    }
}

#[test]
fn a_broken_plan_is_an_error() {
    let home = home();
    std::fs::write(home.path().join("plan.yaml"), "name: small\nnonsense: 1\n").unwrap();
    let output = run(home.path(), &["status"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("nonsense"));
}
