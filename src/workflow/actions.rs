//! Actions that do not exist, have ended, are too old or move, and checkouts that are missing or dangerous.

use super::{
    facts::{FACTS, to_write},
    read::{Job, Step, Workflow},
};
use crate::{
    catalogue,
    plan::{diagnostic::Findings, node::Place},
};

pub(super) fn lint(workflow: &Workflow<'_>, findings: &mut Findings<'_>) {
    for (_, step) in workflow.steps() {
        if let Some((uses, place)) = step.uses() {
            action(uses, place, &format!("{}.uses", step.path), findings);
        }
    }
    for job in &workflow.jobs {
        missing_checkout(job, findings);
    }
    if workflow.has_trigger("pull_request_target") || workflow.has_trigger("workflow_run") {
        for (_, step) in workflow.steps() {
            strangers_code(step, findings);
        }
    }
}

fn action(uses: &str, place: Place, path: &str, findings: &mut Findings<'_>) {
    if uses.starts_with("./") || uses.starts_with("docker://") {
        return;
    }
    let Some((name, version)) = uses.split_once('@').filter(|(_, version)| !version.is_empty()) else {
        let hint = format!("write the version after `@`, as in `{}`", to_write(uses));
        findings.report(place, path, format!("{uses} names no version, and GitHub refuses it"), hint);
        return;
    };
    if let Some(component) = catalogue::of_action(uses) {
        let since =
            if component.since.is_empty() { String::new() } else { format!(" (since {})", component.since) };
        let message = format!("{uses}: {}{since}", component.what);
        findings.report(place, path, message, format!("write `{}`", component.instead));
        return;
    }
    if ["main", "master", "latest", "HEAD"].contains(&version) {
        let message = format!(
            "{uses} is whatever is on that branch today: it can change under you, with your secrets in its hands"
        );
        findings.report(
            place,
            path,
            message,
            format!("write a version, as in `{}`, or a commit", to_write(name)),
        );
        return;
    }
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if let (Some(known), Some(major)) = (FACTS.of(name), major)
        && version.len() < 40
        && major < known.oldest
    {
        let node = &FACTS.node;
        let message = format!(
            "{uses} is made for Node {} or older, which GitHub's runners have no more since {}",
            node.gone, node.since
        );
        let hint = format!("write `{}` (as of {}; {})", to_write(name), known.checked, node.source);
        findings.report(place, path, message, hint);
    }
}

/// Files of the repository are used before they are there.
fn missing_checkout(job: &Job<'_>, findings: &mut Findings<'_>) {
    for step in &job.steps {
        if step.action().as_deref() == Some("actions/checkout") || step.commands.iter().any(clones) {
            return;
        }
        if let Some((what, place)) = uses_files(step) {
            let message =
                format!("{what} reads files of the repository, and no step before it has fetched them");
            let hint = format!("write `- uses: {}` as the first step", to_write("actions/checkout"));
            findings.report(place, &step.path, message, hint);
            return;
        }
    }
}

fn clones(command: &super::shell::Command) -> bool {
    command.runs("git").is_some_and(|rest| rest.iter().any(|word| word == "clone" || word == "checkout"))
}

fn uses_files(step: &Step<'_>) -> Option<(String, Place)> {
    let (uses, place) = step.uses().unwrap_or(("", step.place));
    if uses.starts_with("./") {
        return Some((format!("`{uses}`"), place));
    }
    let is_local = |context: &str| !context.contains("://") && !context.starts_with("${{");
    if step.action().as_deref() == Some("docker/build-push-action")
        && step.input("context").is_some_and(is_local)
    {
        return Some(("the build's context".to_owned(), place));
    }
    step.commands.iter().find_map(|command| {
        let files = |rest: &[String]| {
            let after =
                |flag: &str| rest.iter().position(|word| word == flag).and_then(|at| rest.get(at + 1));
            [after("-k"), after("-f"), after("--kustomize"), after("--filename")]
                .into_iter()
                .flatten()
                .find_map(|path| {
                    (!path.contains("://") && path != "-" && !path.starts_with("/dev/")).then(|| path.clone())
                })
        };
        if let Some(path) = command.runs("kubectl").and_then(files) {
            return Some((format!("`kubectl` with {path}"), command.place));
        }
        let is_build = |rest: &[String]| {
            rest.iter().any(|word| word == "build") && rest.last().is_some_and(|last| is_local(last))
        };
        let builds =
            command.runs("docker").is_some_and(is_build) || command.runs("kustomize").is_some_and(is_build);
        builds.then(|| ("the build".to_owned(), command.place))
    })
}

/// A checkout of a pull request's own code, in a workflow that has the repository's secrets.
fn strangers_code(step: &Step<'_>, findings: &mut Findings<'_>) {
    if step.action().as_deref() != Some("actions/checkout") {
        return;
    }
    let is_of_head = |text: &str| {
        ["github.event.pull_request.head", "github.head_ref", "refs/pull/", "workflow_run.head"]
            .iter()
            .any(|head| text.contains(head))
    };
    for key in ["ref", "repository"] {
        if let Some(item) = step.with(key)
            && item.value.text().is_some_and(is_of_head)
        {
            findings.report(
                Place::of(item),
                &format!("{}.with.{key}", step.path),
                "this fetches the code of whoever opened the pull request, in a workflow that has the repository's \
                 secrets and its token: any build or test of it can take them",
                "start it `on: pull_request`, which has no secrets, or do not fetch the pull request's code",
            );
            return;
        }
    }
}
