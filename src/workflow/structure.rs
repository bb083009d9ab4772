//! What GitHub refuses, and what keeps deployments from each other's way.

use super::{
    lint::WHOLE,
    read::{Job, Workflow, entries},
};
use crate::plan::{
    diagnostic::{Findings, suggestion},
    node::{Node, Place},
};

pub(super) fn lint(workflow: &Workflow<'_>, findings: &mut Findings<'_>) {
    if workflow.root.value.get("on").is_none() {
        findings.report(
            WHOLE,
            "",
            "there is no `on`: nothing ever starts this workflow, and GitHub refuses the file",
            "write at its top: `on: {push: {branches: [main]}}`",
        );
    }
    if workflow.jobs.is_empty() {
        let place = workflow.root.value.get("jobs").map_or(WHOLE, Place::of);
        findings.report(place, "jobs", "there is no job", "write one under `jobs`");
    }
    for job in &workflow.jobs {
        job_structure(workflow, job, findings);
    }
    concurrency(workflow, findings);
}

fn job_structure(workflow: &Workflow<'_>, job: &Job<'_>, findings: &mut Findings<'_>) {
    // A job that calls another workflow has neither.
    if job.item.value.get("uses").is_some() {
        return;
    }
    if job.item.value.get("runs-on").is_none() {
        findings.report(
            job.place,
            &job.path,
            "the job has no `runs-on`: GitHub does not know on which machine, and refuses the whole workflow",
            "write `runs-on: ubuntu-latest`",
        );
    }
    if job.steps.is_empty() {
        findings.report(job.place, &job.path, "the job has no steps", "write what it does under `steps`");
    }
    for step in &job.steps {
        let (uses, run) = (step.item.value.get("uses").is_some(), step.item.value.get("run").is_some());
        if uses == run {
            let message = if uses {
                "the step has `uses` and `run`, and GitHub refuses that"
            } else {
                "the step has neither `uses` nor `run`: it does nothing, and GitHub refuses the whole workflow"
            };
            let hint = if uses {
                "make two steps of it"
            } else {
                "write the action or the commands, or leave it out"
            };
            findings.report(step.place, &step.path, message, hint);
        }
    }
    let Some(needs) = job.item.value.get("needs") else { return };
    let needed = match &needs.value {
        Node::List(items) => items.iter().collect(),
        _ => vec![needs],
    };
    let names: Vec<&str> =
        workflow.jobs.iter().map(|job| job.name).filter(|name| *name != job.name).collect();
    for (name, place) in needed.iter().filter_map(|item| Some((item.value.text()?, Place::of(item)))) {
        if !names.contains(&name) {
            let message = format!("it needs the job {name}, and there is none");
            findings.report(place, &format!("{}.needs", job.path), message, suggestion(name, &names));
        }
    }
}

/// Jobs that change a cluster must not do it at once, nor be cut off half-way.
fn concurrency(workflow: &Workflow<'_>, findings: &mut Findings<'_>) {
    let Some(job) = workflow.jobs.iter().find(|job| super::kubectl::deploys(job)) else { return };
    let Some(concurrency) = workflow.of_job(job, "concurrency") else {
        findings.report(
            job.place,
            &job.path,
            "two runs can deploy at once, as nothing says `concurrency`: the older one may win, and each waits for a \
             rollout that the other replaces",
            "write `concurrency: {group: deploy-staging, cancel-in-progress: false}`, one group for each environment",
        );
        return;
    };
    let cancels = entries(concurrency).iter().find(|(key, _)| key.value == "cancel-in-progress");
    if let Some((key, value)) = cancels
        && matches!(value.value, Node::Boolean(true))
    {
        findings.report(
            Place::of(key),
            "concurrency.cancel-in-progress",
            "a newer run cuts a deployment off half-way: some objects are new then, some old",
            "write `cancel-in-progress: false`",
        );
    }
}
