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
    assert!(text.contains("Week 1  0/2") && text.contains("Look around [open]"), "{text}");
    assert!(text.contains("no answer") && text.contains("refused"), "{text}");
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
    assert!(text.contains("kubeconfig"), "{text}");
}

#[test]
fn a_broken_plan_is_an_error() {
    let home = home();
    std::fs::write(home.path().join("plan.yaml"), "name: small\nnonsense: 1\n").unwrap();
    let output = run(home.path(), &["status"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("nonsense"));
}
