//! Images: can one tell from which commit they are, and do they reach the registry?

use super::{
    facts::to_write,
    read::{Job, Step, Workflow},
    shell::Command,
};
use crate::plan::{
    diagnostic::Findings,
    node::{Node, Place},
};

/// What a tag is made of when it tells the commit.
const OF_COMMIT: [&str; 7] =
    ["github.sha", "GITHUB_SHA", "rev-parse", "git describe", "metadata-action", "steps.", "needs."];

pub(super) fn lint(workflow: &Workflow<'_>, findings: &mut Findings<'_>) {
    for job in &workflow.jobs {
        let mut logged_in = false;
        for step in &job.steps {
            let action = step.action().unwrap_or_default();
            logged_in |= action.contains("login") || step.commands.iter().any(logs_in);
            if action == "docker/build-push-action" {
                build(step, logged_in, findings);
            }
            for command in &step.commands {
                docker(step, command, findings);
            }
        }
        pushes_packages(workflow, job, findings);
    }
}

fn logs_in(command: &Command) -> bool {
    ["docker", "podman", "buildah", "az", "aws", "gcloud"].iter().any(|program| {
        command.runs(program).is_some_and(|rest| {
            rest.iter()
                .any(|word| ["login", "get-login-password", "configure-docker"].contains(&word.as_str()))
        })
    })
}

fn build(step: &Step<'_>, logged_in: bool, findings: &mut Findings<'_>) {
    let (place, path) = (step.uses().map_or(step.place, |(_, place)| place), &step.path);
    let pushes = step.with("push").is_some_and(|push| !matches!(push.value, Node::Boolean(false)));
    if !pushes && step.input("outputs").is_none_or(|outputs| !outputs.contains("push=true")) {
        if step.with("load").is_none() && step.with("push").is_none() {
            findings.report(
                place,
                path,
                "the image is built and thrown away: nothing pushes it to a registry",
                "write `push: true` under `with`",
            );
        }
        return;
    }
    if !logged_in {
        let hint = format!("write a step with `{}` before it", to_write("docker/login-action"));
        findings.report(place, path, "it pushes, and no step before it has logged in to the registry", hint);
    }
    match step.with("tags") {
        Some(tags) => tags_of(tags.value.text().unwrap_or_default(), Place::of(tags), path, findings),
        None if step.input("outputs").is_some_and(|outputs| outputs.contains("push-by-digest=true")) => {}
        None => findings.report(
            place,
            path,
            "it pushes without a name: there is no `tags`",
            "write `tags: REGISTRY/NAME:${{ github.sha }}`",
        ),
    }
}

fn tags_of(text: &str, place: Place, path: &str, findings: &mut Findings<'_>) {
    let tags: Vec<&str> = text.split([',', '\n']).map(str::trim).filter(|tag| !tag.is_empty()).collect();
    let is_of_commit = |tag: &&str| OF_COMMIT.iter().any(|word| tag.contains(word));
    if tags.iter().any(is_of_commit) {
        return;
    }
    let message = if tags.iter().any(|tag| is_latest(tag)) {
        "the tag is `latest`: it says nothing of the commit, and nodes that have an older one may keep it"
    } else {
        "no tag tells the commit: one cannot say what runs, nor go back to it"
    };
    let hint = "write `${{ github.sha }}` as the tag, and deploy it by its digest";
    findings.report(place, &format!("{path}.with.tags"), message, hint);
}

/// `NAME:latest`, or no tag at all.
fn is_latest(image: &str) -> bool {
    if image.contains('@') || image.contains("${") || image.contains('$') {
        return image.ends_with(":latest");
    }
    image.rsplit_once(':').is_none_or(|(_, tag)| tag == "latest" || tag.contains('/'))
}

fn docker(step: &Step<'_>, command: &Command, findings: &mut Findings<'_>) {
    let Some(rest) = command.runs("docker").or_else(|| command.runs("podman")) else { return };
    let images: Vec<&str> = if rest.first().is_some_and(|word| word == "push") {
        rest.iter().skip(1).filter(|word| !word.starts_with('-')).map(String::as_str).collect()
    } else if rest.iter().take(2).any(|word| word == "build") {
        let tags = rest.windows(2).filter_map(|pair| match pair {
            [flag, tag] if flag == "-t" || flag == "--tag" => Some(tag.as_str()),
            _ => None,
        });
        tags.chain(rest.iter().filter_map(|word| word.strip_prefix("--tag="))).collect()
    } else {
        return;
    };
    if !images.is_empty() && images.iter().all(|image| is_latest(image)) {
        findings.report(
            command.place,
            &step.path,
            "the tag is `latest`: it says nothing of the commit, and nodes that have an older one may keep it",
            "write `NAME:$GITHUB_SHA`, and deploy it by its digest",
        );
    }
}

/// The workflow's token may push packages only where that is said.
fn pushes_packages(workflow: &Workflow<'_>, job: &Job<'_>, findings: &mut Findings<'_>) {
    let Some(permissions) = workflow.of_job(job, "permissions") else { return };
    let may = permissions.value.get("packages").is_some_and(|right| right.value.text() == Some("write"))
        || permissions.value.text() == Some("write-all");
    let login = job.steps.iter().find(|step| {
        step.input("registry") == Some("ghcr.io")
            && step
                .input("password")
                .is_some_and(|word| word.contains("secrets.GITHUB_TOKEN") || word.contains("github.token"))
    });
    let pushes = |step: &Step<'_>| {
        step.action().as_deref() == Some("docker/build-push-action")
            && step.with("push").is_some_and(|push| !matches!(push.value, Node::Boolean(false)))
    };
    if let (false, Some(login), true) = (may, login, job.steps.iter().any(pushes)) {
        findings.report(
            login.place,
            &login.path,
            "it pushes to ghcr.io with the workflow's token, which may not write packages: the push is refused",
            "write `permissions: {contents: read, packages: write}`",
        );
    }
}
