//! How manifests are applied: by whom, with which credentials, and is it waited for.

use super::{
    read::{Job, Step, Workflow, texts},
    shell::Command,
};
use crate::plan::diagnostic::Findings;

/// As the cockpit names itself to the API server.
const MANAGER: &str = "--field-manager=migrate-tui";

/// Does the job change a cluster?
pub(super) fn deploys(job: &Job<'_>) -> bool {
    let changes = |command: &Command| {
        verb(command).is_some_and(|(verb, rest)| {
            ["apply", "create", "replace", "delete", "patch", "set", "scale", "rollout"].contains(&verb)
                && !rest.iter().any(|word| word.starts_with("--dry-run"))
        }) || command
            .runs("helm")
            .is_some_and(|rest| rest.iter().any(|word| word == "upgrade" || word == "install"))
    };
    job.commands().any(|(_, command)| changes(command))
        || job.steps.iter().any(|step| step.action().is_some_and(|action| action == "azure/k8s-deploy"))
}

pub(super) fn lint(workflow: &Workflow<'_>, findings: &mut Findings<'_>) {
    for (_, step) in workflow.steps() {
        for command in &step.commands {
            applies(step, command, findings);
        }
    }
    for job in workflow.jobs.iter().filter(|job| deploys(job)) {
        credentials(workflow, job, findings);
    }
    waits(workflow, findings);
}

/// The verb of a `kubectl`, and the words after it.
fn verb(command: &Command) -> Option<(&str, &[String])> {
    let rest = command.runs("kubectl")?;
    let mut takes_value = false;
    let at = rest.iter().position(|word| {
        let is_verb = !word.starts_with('-') && !takes_value;
        takes_value = word.starts_with('-')
            && !word.contains('=')
            && ["-n", "--namespace", "--context", "--kubeconfig", "-s", "--server", "--token"]
                .contains(&word.as_str());
        is_verb
    })?;
    Some((rest.get(at)?.as_str(), rest.get(at + 1..)?))
}

fn applies(step: &Step<'_>, command: &Command, findings: &mut Findings<'_>) {
    let Some((verb, rest)) = verb(command) else { return };
    let has = |flag: &str| rest.iter().any(|word| word == flag || word.starts_with(&format!("{flag}=")));
    let is = |flag: &str| rest.iter().any(|word| word == flag);
    let mut report = |message: &str, hint: &str| findings.report(command.place, &step.path, message, hint);
    let sets_image = verb == "set" && rest.first().is_some_and(|word| word == "image");
    if sets_image || verb == "patch" || verb == "edit" || verb == "scale" {
        report(
            "this changes the live object and not the manifest: the field belongs to this command from now on, and the \
             next apply of the manifests undoes it or is refused",
            "write the image into the overlay (`kustomize edit set image NAME@DIGEST`) and apply that",
        );
    }
    if verb != "apply" || has("--dry-run") {
        return;
    }
    let is_server_side = is("--server-side") || is("--server-side=true");
    if !is_server_side {
        report(
            "a client-side apply keeps its own copy of what it applied and owns every field: what the cockpit has \
             removed comes back, and its next apply is refused with a conflict",
            &format!("write `kubectl apply --server-side {MANAGER} -k …`"),
        );
    } else if !rest.join(" ").replace("--field-manager ", "--field-manager=").contains(MANAGER) {
        report(
            "it applies under another name than the cockpit, so each takes fields from the other",
            &format!("add `{MANAGER}`"),
        );
    }
    if is("--force-conflicts") || is("--force-conflicts=true") || is("--force") {
        report(
            "it takes fields from their owners by force: a colleague's fix, an autoscaler's replicas",
            "leave it out; a conflict is told with the owner's name then",
        );
    }
    if is("--prune") {
        report(
            "`--prune` deletes whatever has the labels and is not in the manifests, what others made included",
            "leave it out; `migrate-tui prune` deletes what its inventory holds, after it was shown",
        );
    }
}

/// A fresh machine knows no cluster.
fn credentials(workflow: &Workflow<'_>, job: &Job<'_>, findings: &mut Findings<'_>) {
    const ACTIONS: [&str; 3] =
        ["azure/k8s-set-context", "azure/aks-set-context", "google-github-actions/get-gke-credentials"];
    if job.is_self_hosted() {
        return;
    }
    let mut all = Vec::new();
    texts(job.item, &mut all);
    let names = |text: &str| {
        ["kubeconfig", "get-credentials", "--token", "config set-"]
            .iter()
            .any(|word| text.to_lowercase().contains(word))
    };
    let holders = [workflow.root, job.item].into_iter().chain(job.steps.iter().map(|step| step.item));
    let has_variable =
        holders.filter_map(|holder| holder.value.get("env")).any(|env| env.value.get("KUBECONFIG").is_some());
    let has_action =
        job.steps.iter().any(|step| step.action().is_some_and(|action| ACTIONS.contains(&action.as_str())));
    if has_variable || has_action || all.iter().any(|(text, _)| names(text)) {
        return;
    }
    let first = job
        .commands()
        .find(|(_, command)| command.runs("kubectl").or_else(|| command.runs("helm")).is_some());
    let (place, path) = first.map_or((job.place, &job.path), |(step, command)| (command.place, &step.path));
    findings.report(
        place,
        path,
        "nothing tells it which cluster, and as whom: on a fresh machine it asks localhost:8080 and fails",
        "write the kubeconfig from a secret of the environment into a file and its path into KUBECONFIG, or log in with \
         your cloud's action",
    );
}

/// An apply that nobody waits for is green while its pods fail.
fn waits(workflow: &Workflow<'_>, findings: &mut Findings<'_>) {
    let all = || workflow.jobs.iter().flat_map(Job::commands);
    let is_wait = |command: &Command| {
        verb(command).is_some_and(|(verb, rest)| {
            verb == "wait" || verb == "rollout" && rest.first().is_some_and(|word| word == "status")
        }) || command.runs("migrate-tui").is_some()
    };
    if all().any(|(_, command)| is_wait(command)) {
        return;
    }
    let applies = |command: &Command| {
        verb(command).is_some_and(|(verb, rest)| {
            verb == "apply" && !rest.iter().any(|word| word.starts_with("--dry-run"))
        })
    };
    if let Some((step, command)) = all().filter(|(_, command)| applies(command)).last() {
        findings.report(
            command.place,
            &step.path,
            "nothing waits for the rollout: the run is green as soon as the API server has the objects, also when no pod \
             ever starts",
            "add `kubectl -n NAMESPACE rollout status deployment/NAME --timeout=10m` for each workload",
        );
    }
}
