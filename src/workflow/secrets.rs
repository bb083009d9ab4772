//! What the workflow may do, and where its secrets go.

use super::{
    lint::WHOLE,
    read::{Step, Workflow, entries, texts},
};
use crate::plan::{
    diagnostic::Findings,
    node::{Item, Place},
};

/// `hidden`: for what is found in a line that is not to be shown.
pub(super) fn lint(workflow: &Workflow<'_>, findings: &mut Findings<'_>, hidden: &mut Findings<'_>) {
    permissions(workflow, findings);
    for (job, step) in workflow.steps() {
        in_scripts(step, findings);
        let secret: Vec<&str> = [Some(workflow.root), Some(job.item), Some(step.item)]
            .into_iter()
            .flatten()
            .filter_map(|item| item.value.get("env"))
            .flat_map(entries)
            .filter(|(_, value)| value.value.text().is_some_and(names_a_secret))
            .map(|(key, _)| key.value.as_str())
            .collect();
        printed(step, &secret, findings);
    }
    let holders = [workflow.root]
        .into_iter()
        .chain(workflow.jobs.iter().map(|job| job.item))
        .chain(workflow.steps().map(|(_, step)| step.item));
    for holder in holders {
        for key in ["env", "with"] {
            if let Some(values) = holder.value.get(key) {
                written_down(values, key, hidden);
            }
        }
    }
}

fn permissions(workflow: &Workflow<'_>, findings: &mut Findings<'_>) {
    let hint = "write `permissions: {contents: read}` at the top, and more only where a job needs it";
    for item in [workflow.root].into_iter().chain(workflow.jobs.iter().map(|job| job.item)) {
        if let Some(permissions) = item.value.get("permissions")
            && permissions.value.text() == Some("write-all")
        {
            let message = "the token may write everything: code, releases, packages";
            findings.report(Place::of(permissions), "permissions", message, hint);
        }
    }
    let says = |item: &Item| item.value.get("permissions").is_some();
    if !says(workflow.root)
        && let Some(job) = workflow.jobs.iter().find(|job| !says(job.item))
    {
        let place = workflow.root.value.get("jobs").map_or(WHOLE, |_| job.place);
        let message = "nothing says `permissions`: the token has what the repository's settings give, which may be to \
                       write everything";
        findings.report(place, &job.path, message, hint);
    }
}

/// What is put into the text of a script before a shell reads it.
fn in_scripts(step: &Step<'_>, findings: &mut Findings<'_>) {
    const STRANGERS: [&str; 8] = [
        "github.head_ref",
        ".title",
        ".body",
        "head.ref",
        "head.label",
        ".message",
        "author.name",
        "author.email",
    ];
    for command in &step.commands {
        let text = command.words.join(" ");
        let mut expressions = text.split("${{").skip(1).filter_map(|rest| rest.split("}}").next());
        if let Some(expression) = expressions.clone().find(|expression| {
            let expression = expression.trim();
            (expression.starts_with("github.event.") || expression.starts_with("github.head_ref"))
                && STRANGERS.iter().any(|word| expression.contains(word))
        }) {
            let message = format!(
                "`{}` is written by whoever opens an issue or a pull request, and becomes part of the script: they can \
                 run what they like",
                expression.trim()
            );
            let hint =
                "give it to the script as a variable: `env: {TITLE: ${{ … }}}`, and `\"$TITLE\"` in it";
            findings.report(command.place, &step.path, message, hint);
        }
        if expressions.any(|expression| expression.contains("secrets.")) {
            let prints = is_print(&command.words) && !command.is_hidden;
            let message = if prints {
                "it prints a secret into the log: GitHub hides it only as long as nothing changes its form"
            } else {
                "the secret becomes part of the script's text: other programs on the machine can read it in the list of \
                 processes, and a quote in it breaks the script"
            };
            let hint = if prints {
                "leave it out"
            } else {
                "give it as a variable: `env: {TOKEN: ${{ secrets.TOKEN }}}`, and `\"$TOKEN\"` in the script"
            };
            findings.report(command.place, &step.path, message, hint);
        }
    }
}

fn is_print(words: &[String]) -> bool {
    words.first().is_some_and(|word| ["echo", "printf", "cat", "printenv", "env"].contains(&word.as_str()))
}

fn names_a_secret(text: &str) -> bool {
    text.contains("${{") && text.contains("secrets.")
}

/// A variable with a secret goes into the log.
fn printed(step: &Step<'_>, secret: &[&str], findings: &mut Findings<'_>) {
    for command in step.commands.iter().filter(|command| is_print(&command.words) && !command.is_hidden) {
        let is_named = |word: &String| {
            secret
                .iter()
                .find(|name| word.contains(&format!("${name}")) || word.contains(&format!("${{{name}}}")))
        };
        if let Some(name) = command.words.iter().find_map(is_named) {
            let message = format!(
                "it prints ${name}, a secret, into the log: GitHub hides it only as long as nothing changes its form"
            );
            findings.report(command.place, &step.path, message, "leave it out");
        }
    }
}

/// A password in the file itself.
fn written_down(values: &Item, key: &str, hidden: &mut Findings<'_>) {
    for (name, value) in entries(values) {
        let upper = name.value.to_uppercase();
        let is_secret = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY"]
            .iter()
            .any(|word| upper.ends_with(word));
        let mut found = Vec::new();
        texts(value, &mut found);
        if is_secret && found.iter().any(|(text, _)| !text.is_empty() && !text.contains("${{")) {
            let message = format!(
                "{} looks like a secret that is written into the file: whoever can read the repository has it, its \
                 history included",
                name.value
            );
            let hint = format!(
                "replace it at its origin, keep the new one in the repository's secrets, and write `${{{{ secrets.{upper} }}}}`"
            );
            hidden.report(Place::of(name), &format!("{key}.{}", name.value), message, hint);
        }
    }
}
