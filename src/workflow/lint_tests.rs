use std::path::Path;

use super::{is_workflow, lint};
use crate::words::count;

/// `line: message`, for each.
fn found(text: &str) -> Vec<String> {
    let found = lint(Path::new("deploy.yml"), text);
    found.iter().map(|one| format!("{}: {}", one.line, one.message)).collect()
}

fn has(text: &str, line: u64, words: &str) {
    let found = found(text);
    let is_there = found.iter().any(|one| one.starts_with(&format!("{line}: ")) && one.contains(words));
    assert!(
        is_there,
        "no {words:?} in line {line}, but {}:\n{}",
        count(found.len(), "finding", "findings"),
        found.join("\n")
    );
}

fn has_not(text: &str, words: &str) {
    let found = found(text);
    assert!(!found.iter().any(|one| one.contains(words)), "{}", found.join("\n"));
}

/// One job with these steps, and nothing else that is wrong; the steps begin in line 8.
fn steps(steps: &str) -> String {
    format!(
        "on: push\npermissions: {{contents: read, packages: write}}\nconcurrency: {{group: a}}\njobs:\n  one:\n    \
         runs-on: ubuntu-latest\n    steps:\n{steps}\n"
    )
}

/// The plan's own snippet, as it was proposed.
const PROPOSED: &str = "\
jobs:
  deploy:
    steps:
    - name: Build and Push Docker Image
      # ... (existing build steps)

    - name: Configure Kubectl
      uses: azure/k8s-setup-kubectl@v3

    - name: Deploy to Kubernetes
      run: |
        kubectl apply -k kubernetes/overlays/staging
";

#[test]
fn the_proposed_workflow_is_told_all_that_it_lacks() {
    let shown: Vec<String> =
        lint(Path::new("deploy.yml"), PROPOSED).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn the_shipped_workflow_passes() {
    let text = include_str!("../../plans/phase-2/ci/deploy.yml");
    assert!(is_workflow(text));
    assert_eq!(found(text), Vec::<String>::new());
}

#[test]
fn a_plan_is_no_workflow() {
    assert!(
        !is_workflow("name: x\nstages: []\njobs: {}\n") && !is_workflow("name: x\n") && !is_workflow("{")
    );
}

#[test]
fn what_github_refuses() {
    has("jobs: {a: {runs-on: x, steps: [{run: a}]}}\n", 0, "no `on`");
    has("on: push\njobs:\n  a:\n    steps: [{run: a}]\n", 3, "runs-on");
    has(&steps("      - {name: a}"), 8, "neither");
    has(&steps("      - {uses: a/b@v1, run: x}"), 8, "and `run`");
    has(&format!("{}    needs: [two]\n", steps("      - run: x")), 9, "the job two, and there is none");
    has_not("on: push\njobs: {a: {uses: ./.github/workflows/x.yml}}\n", "runs-on");
    has("on: push\njobs: {a: [}\n", 2, "");
    has("on: push\njobs: {}\n", 2, "no job");
}

#[test]
fn actions_that_do_not_exist_are_too_old_or_move() {
    let uses = |action: &str| steps(&format!("      - uses: {action}"));
    has(&uses("azure/k8s-setup-kubectl@v3"), 8, "no such action");
    has(&uses("Azure/setup-kubectl@v3"), 8, "retired");
    has(&uses("actions/checkout@v4.1.0"), 8, "Node 20");
    has(&uses("docker/build-push-action@v6"), 8, "Node 20");
    has(&uses("actions/checkout"), 8, "no version");
    has(&uses("acme/deploy@main"), 8, "that branch");
    for fine in [
        "actions/checkout@v5",
        "actions/checkout@v7",
        "acme/deploy@v1",
        "./mine",
        "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683",
    ] {
        has_not(&uses(fine), &format!("{fine} is"));
    }
}

#[test]
fn files_are_fetched_before_they_are_used() {
    let apply = "      - run: kubectl apply -k overlays/dev";
    has(&steps(apply), 8, "no step before it");
    has_not(&steps(&format!("      - uses: actions/checkout@v6\n{apply}")), "no step before it");
    has_not(&steps("      - run: kubectl apply -f https://example.org/x.yml"), "no step before it");
    has(
        &steps("      - uses: docker/build-push-action@v7\n        with: {context: .}"),
        8,
        "no step before it",
    );
    has_not(&steps("      - uses: docker/build-push-action@v7"), "no step before it");
}

#[test]
fn how_manifests_are_applied() {
    let run = |command: &str| steps(&format!("      - run: |\n          set -e\n          {command}"));
    has(&run("kubectl apply -k a"), 10, "client-side");
    has(&run("sudo kubectl -n x apply -k a"), 10, "client-side");
    has(&run("if ! kubectl apply -k a; then"), 10, "client-side");
    has(&run("kubectl apply --server-side -k a"), 10, "another name");
    has(
        &run("kubectl apply --server-side --field-manager=migrate-tui --force-conflicts -k a"),
        10,
        "by force",
    );
    has(&run("kubectl apply --server-side --field-manager migrate-tui --prune -k a"), 10, "deletes whatever");
    has(&run("kubectl set image deployment/a a=b"), 10, "live object");
    for fine in ["kubectl diff -k a", "kubectl apply --dry-run=server -k a", "echo kubectl apply"] {
        has_not(&run(fine), "client-side");
    }
    has_not(&run("kubectl apply --server-side --field-manager migrate-tui -k a"), "another name");
}

#[test]
fn credentials_a_wait_and_one_deployment_at_a_time() {
    let apply = "      - run: kubectl apply --server-side --field-manager=migrate-tui -k a";
    has(&steps(apply), 8, "which cluster");
    has(&steps(apply), 8, "waits for the rollout");
    has_not(&steps(&format!("{apply}\n        env: {{KUBECONFIG: /x}}")), "which cluster");
    has_not(&steps(&format!("      - uses: azure/k8s-set-context@v4\n{apply}")), "which cluster");
    has_not(
        &steps(&format!("{apply}\n      - run: kubectl rollout status deployment/a")),
        "waits for the rollout",
    );
    has_not(&steps(apply).replace("ubuntu-latest", "self-hosted"), "which cluster");
    has(&steps(apply).replace("concurrency: {group: a}", "env: {}"), 5, "two runs");
    has(&steps(apply).replace("{group: a}", "{group: a, cancel-in-progress: true}"), 3, "half-way");
    has_not(&steps("      - run: make"), "two runs");
}

#[test]
fn images_tell_their_commit_and_reach_the_registry() {
    let build = |with: &str| {
        let login = "      - uses: docker/login-action@v4\n        with: {registry: ghcr.io, password: \"${{ secrets.GITHUB_TOKEN }}\"}";
        steps(&format!("{login}\n      - uses: docker/build-push-action@v7\n        with: {with}"))
    };
    has(&build("{push: true, tags: \"ghcr.io/a/b:latest\"}"), 11, "`latest`");
    has(&build("{push: true, tags: ghcr.io/a/b}"), 11, "`latest`");
    has(&build("{push: true, tags: \"ghcr.io/a/b:1.2\"}"), 11, "tells the commit");
    has(&build("{push: true}"), 10, "without a name");
    has(&build("{tags: a}"), 10, "thrown away");
    let fine = build("{push: true, tags: \"a:latest,a:${{ github.sha }}\"}");
    has_not(&fine, "latest");
    has(&fine.replace("packages: write", "issues: read"), 8, "may not write packages");
    has(
        &steps(
            "      - uses: docker/build-push-action@v7\n        with: {push: true, tags: \"a:${{ github.sha }}\"}",
        ),
        8,
        "logged in",
    );
    has(&steps("      - run: docker build -t a:latest . && docker push a:latest"), 8, "`latest`");
    has_not(&steps("      - run: docker build -t a:$GITHUB_SHA ."), "`latest`");
}

#[test]
fn rights_and_secrets() {
    has("on: push\njobs:\n  a: {runs-on: x, steps: [{run: a}]}\n", 3, "nothing says `permissions`");
    has("on: push\npermissions: write-all\njobs:\n  a: {runs-on: x, steps: [{run: a}]}\n", 2, "everything");
    has(&steps("      - run: echo ${{ secrets.A }}"), 8, "prints a secret");
    has(&steps("      - run: login --with ${{ secrets.A }}"), 8, "script's text");
    let variable = "\n        env: {A: \"${{ secrets.A }}\"}";
    has(&steps(&format!("      - run: echo \"$A\"{variable}")), 8, "prints $A");
    has_not(&steps(&format!("      - run: echo \"$A\" | login --password-stdin{variable}")), "prints");
    has_not(&steps(&format!("      - run: printf '%s' \"$A\" > file{variable}")), "prints");
    has(
        &steps("      - run: echo \"${{ github.event.pull_request.title }}\""),
        8,
        "becomes part of the script",
    );
    has_not(&steps("      - run: echo ${{ github.event.number }}"), "becomes part");
    let written = steps("      - run: x\n        env: {DB_PASSWORD: hunter2}");
    has(&written, 9, "DB_PASSWORD looks like a secret");
    let shown = lint(Path::new("a"), &written);
    assert!(shown.iter().all(|one| !one.to_string().contains("hunter2")), "{shown:?}");
}

#[test]
fn a_strangers_code_does_not_meet_the_secrets() {
    let checkout = "      - uses: actions/checkout@v6\n        with: {ref: \"${{ github.event.pull_request.head.sha }}\"}";
    has(&steps(checkout).replace("on: push", "on: pull_request_target"), 9, "whoever opened");
    has_not(&steps(checkout).replace("on: push", "on: pull_request"), "whoever opened");
    has_not(
        &steps("      - uses: actions/checkout@v6").replace("on: push", "on: [pull_request_target]"),
        "whoever opened",
    );
}
