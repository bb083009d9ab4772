//! A workflow as jobs and steps that know their places.

use super::shell::{Command, commands};
use crate::plan::node::{Item, Node, Place};

/// A workflow.
pub(super) struct Workflow<'n> {
    pub(super) root: &'n Item,
    pub(super) jobs: Vec<Job<'n>>,
}

/// One job.
pub(super) struct Job<'n> {
    pub(super) name: &'n str,
    /// Of its name.
    pub(super) place: Place,
    pub(super) path: String,
    pub(super) item: &'n Item,
    pub(super) steps: Vec<Step<'n>>,
}

/// One step.
pub(super) struct Step<'n> {
    pub(super) place: Place,
    pub(super) path: String,
    pub(super) item: &'n Item,
    /// What is run, command by command.
    pub(super) commands: Vec<Command>,
}

impl<'n> Workflow<'n> {
    /// Reads what can be read; the rest is not there.
    pub(super) fn read(root: &'n Item) -> Self {
        let jobs = root.value.get("jobs").map(entries).unwrap_or_default();
        let jobs = jobs.iter().map(|(name, item)| Job::read(name.value.as_str(), Place::of(name), item));
        Self { root, jobs: jobs.collect() }
    }

    /// What starts it.
    pub(super) fn has_trigger(&self, name: &str) -> bool {
        let Some(on) = self.root.value.get("on") else { return false };
        match &on.value {
            Node::Text(text) => text == name,
            Node::List(items) => items.iter().any(|item| item.value.text() == Some(name)),
            Node::Map(_) => on.value.get(name).is_some(),
            Node::Null | Node::Boolean(_) | Node::Number(_) => false,
        }
    }

    /// A key of the job, else of the workflow.
    pub(super) fn of_job(&self, job: &Job<'n>, key: &str) -> Option<&'n Item> {
        job.item.value.get(key).or_else(|| self.root.value.get(key))
    }

    /// Every step of every job.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&Job<'n>, &Step<'n>)> {
        self.jobs.iter().flat_map(|job| job.steps.iter().map(move |step| (job, step)))
    }
}

impl<'n> Job<'n> {
    fn read(name: &'n str, place: Place, item: &'n Item) -> Self {
        let path = format!("jobs.{name}");
        let steps = item.value.get("steps").map(|steps| steps.value.items()).unwrap_or_default();
        let steps = steps.iter().enumerate().map(|(index, item)| {
            let run = item.value.get("run");
            let commands = run.and_then(|run| Some(commands(run.value.text()?, Place::of(run))));
            Step {
                place: Place::of(item),
                path: format!("{path}.steps[{index}]"),
                item,
                commands: commands.unwrap_or_default(),
            }
        });
        let steps = steps.collect();
        Self { name, place, path, item, steps }
    }

    /// All its commands, each with its step.
    pub(super) fn commands(&self) -> impl Iterator<Item = (&Step<'n>, &Command)> {
        self.steps.iter().flat_map(|step| step.commands.iter().map(move |command| (step, command)))
    }

    /// Does it run on a machine of its owner, about which nothing is known?
    pub(super) fn is_self_hosted(&self) -> bool {
        let Some(runs_on) = self.item.value.get("runs-on") else { return false };
        let is = |item: &Item| {
            item.value.text().is_some_and(|text| !text.is_empty() && text.contains("self-hosted"))
        };
        is(runs_on) || runs_on.value.items().iter().any(is) || matches!(runs_on.value, Node::Map(_))
    }
}

impl<'n> Step<'n> {
    /// The action, and where it is named.
    pub(super) fn uses(&self) -> Option<(&'n str, Place)> {
        let item = self.item.value.get("uses")?;
        Some((item.value.text()?, Place::of(item)))
    }

    /// The action's name without its version, in lower case.
    pub(super) fn action(&self) -> Option<String> {
        Some(self.uses()?.0.split('@').next().unwrap_or_default().to_lowercase())
    }

    /// An input of the action.
    pub(super) fn with(&self, key: &str) -> Option<&'n Item> {
        self.item.value.get("with")?.value.get(key)
    }

    /// An input of the action, as text.
    pub(super) fn input(&self, key: &str) -> Option<&'n str> {
        self.with(key)?.value.text()
    }
}

/// The entries of a mapping.
pub(super) fn entries(item: &Item) -> &[(serde_saphyr::Spanned<String>, Item)] {
    match &item.value {
        Node::Map(entries) => entries,
        _ => &[],
    }
}

/// Every text in a value, with its place.
pub(super) fn texts<'n>(item: &'n Item, found: &mut Vec<(&'n str, Place)>) {
    match &item.value {
        Node::Text(text) => found.push((text, Place::of(item))),
        Node::List(items) => items.iter().for_each(|item| texts(item, found)),
        Node::Map(entries) => entries.iter().for_each(|(_, item)| texts(item, found)),
        Node::Null | Node::Boolean(_) | Node::Number(_) => {}
    }
}
