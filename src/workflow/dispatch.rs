//! What starting a workflow by hand would send: checked against the inputs that the file declares.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::read::{Workflow, entries};
use crate::{
    observed::{RunRow, WorkflowOf},
    plan::{
        diagnostic::suggestion,
        node::{self, Item, Node},
    },
    scaffold::Fingerprint,
};

/// The input that takes the plan's environment unless it is given.
const ENVIRONMENT: &str = "environment";

/// An input that a workflow declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// It cannot be left out.
    pub is_required: bool,
    /// What it is when it is left out.
    pub default: Option<String>,
    /// What it may be.
    pub sort: InputSort,
}

/// What an input may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputSort {
    /// Any text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// One of these.
    Choice(Vec<String>),
    /// The name of one of the repository's environments.
    Environment,
}

/// A run as it would be asked for. What is confirmed is its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// Which workflow.
    pub workflow: WorkflowOf,
    /// The branch or tag.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The commit that it points at.
    pub commit: String,
    /// Every input that is sent: what was given, and the defaults.
    pub inputs: BTreeMap<String, String>,
    /// The newest run there is; no part of what is confirmed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub newest: Option<RunRow>,
}

impl Dispatch {
    /// What confirms it.
    #[must_use]
    pub fn digest(&self) -> Fingerprint {
        let Self { workflow: WorkflowOf { host, repository, file, .. }, reference, commit, inputs, .. } =
            self;
        let canonical = serde_json::json!([host, repository, file, reference, commit, inputs]).to_string();
        Fingerprint::of(canonical.as_bytes())
    }

    /// Exactly what is sent, by name.
    #[must_use]
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let of = &self.workflow;
        let mut lines = vec![
            ("workflow", format!("{} of {}/{}", of.file, of.host, of.repository)),
            ("ref", format!("{}, which is at {}", self.reference, self.commit)),
        ];
        for (place, (name, value)) in self.inputs.iter().enumerate() {
            lines.push((if place == 0 { "inputs" } else { "" }, format!("{name} = {value}")));
        }
        if self.inputs.is_empty() {
            lines.push(("inputs", "none".to_owned()));
        }
        lines
    }

    /// On one line, for the journal.
    #[must_use]
    pub fn told(&self) -> String {
        let WorkflowOf { host, repository, file, .. } = &self.workflow;
        let inputs: Vec<String> = self.inputs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let inputs = if inputs.is_empty() { "no inputs".to_owned() } else { inputs.join(", ") };
        let digest = self.digest();
        format!(
            "run of {file} of {host}/{repository} on {} at {}, {inputs} (digest {})",
            self.reference,
            self.commit,
            digest.short()
        )
    }
}

/// What there is to say before one is started, and what the way back from it is.
pub const NO_WAY_BACK: [&str; 2] = [
    "A run cannot be taken back.",
    "What it deploys is undone by running the commit before, from a branch or tag that points at it; or by rolling \
     back the step here that applies the same objects.",
];

/// The inputs that a workflow file declares for being started by hand.
///
/// # Errors
/// A sentence: it cannot be read, or cannot be started by hand.
pub fn dispatch_inputs(text: &str) -> Result<Vec<Input>, String> {
    let root = node::parse(text).map_err(|error| format!("it is no YAML: {}", error.message))?;
    let workflow = Workflow::read(&root);
    if !workflow.has_trigger("workflow_dispatch") {
        return Err("it cannot be started by hand: its `on` has no `workflow_dispatch`".to_owned());
    }
    let declared = root.value.get("on").and_then(|on| on.value.get("workflow_dispatch"));
    let declared = declared.and_then(|dispatch| dispatch.value.get("inputs"));
    Ok(declared
        .map(entries)
        .unwrap_or_default()
        .iter()
        .map(|(name, item)| input(&name.value, item))
        .collect())
}

fn input(name: &str, item: &Item) -> Input {
    let options = item.value.get("options").map(|options| options.value.items()).unwrap_or_default();
    let options = options.iter().filter_map(|option| scalar(&option.value)).collect();
    let sort = match item.value.get("type").and_then(|sort| sort.value.text()) {
        Some("boolean") => InputSort::Boolean,
        Some("number") => InputSort::Number,
        Some("choice") => InputSort::Choice(options),
        Some("environment") => InputSort::Environment,
        _ => InputSort::Text,
    };
    Input {
        name: name.to_owned(),
        is_required: item.value.get("required").is_some_and(|required| required.value == Node::Boolean(true)),
        default: item.value.get("default").and_then(|default| scalar(&default.value)),
        sort,
    }
}

fn scalar(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) => Some(text.clone()),
        Node::Number(number) => Some(number.to_string()),
        Node::Boolean(boolean) => Some(boolean.to_string()),
        Node::Null | Node::List(_) | Node::Map(_) => None,
    }
}

/// Every input that is sent: what is given, the plan's environment for the input of that name, and the defaults.
///
/// # Errors
/// A sentence for each that is not as declared.
pub fn fill(
    inputs: &[Input],
    given: &[(String, String)],
    environment: &str,
) -> Result<BTreeMap<String, String>, Vec<String>> {
    let mut wrong = Vec::new();
    let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
    for (name, _) in given.iter().filter(|(name, _)| !names.contains(&name.as_str())) {
        let hint = suggestion(name, &names);
        let hint = if hint.is_empty() { "it has none".to_owned() } else { hint };
        wrong.push(format!("the workflow has no input {name} ({hint})"));
    }
    let mut filled = BTreeMap::new();
    for input in inputs {
        // The last one counts, as with every flag.
        let given = given.iter().rev().find(|(name, _)| *name == input.name).map(|(_, value)| value.clone());
        let own = (input.name == ENVIRONMENT && input.takes(environment)).then(|| environment.to_owned());
        match given.or(own).or_else(|| input.default.clone()) {
            Some(value) if !input.takes(&value) => wrong.push(format!(
                "{} is not one of what {} may be: {}",
                value,
                input.name,
                input.sort.words()
            )),
            Some(value) if value.is_empty() && input.is_required => {
                wrong.push(format!("{} is required, and empty", input.name));
            }
            Some(value) => {
                filled.insert(input.name.clone(), value);
            }
            None if input.is_required => {
                wrong.push(format!("{} is required ({})", input.name, input.sort.words()));
            }
            None => {}
        }
    }
    if wrong.is_empty() { Ok(filled) } else { Err(wrong) }
}

impl Input {
    fn takes(&self, value: &str) -> bool {
        match &self.sort {
            InputSort::Text | InputSort::Environment => true,
            InputSort::Boolean => matches!(value, "true" | "false"),
            InputSort::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
            InputSort::Choice(options) => options.iter().any(|option| option == value),
        }
    }
}

impl InputSort {
    fn words(&self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Boolean => "true, false".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Choice(options) => options.join(", "),
            Self::Environment => "the name of an environment".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{InputSort, dispatch_inputs, fill};

    const SHIPPED: &str = include_str!("../../plans/phase-2/ci/deploy.yml");

    fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_shipped_workflow_takes_the_plans_environment() {
        let inputs = dispatch_inputs(SHIPPED).unwrap();
        assert_eq!(inputs.len(), 1);
        assert!(matches!(&inputs[0].sort, InputSort::Choice(options) if options.len() == 3));
        assert_eq!(fill(&inputs, &[], "prod").unwrap()["environment"], "prod");
        // One that it does not know leaves the default.
        assert_eq!(fill(&inputs, &[], "elsewhere").unwrap()["environment"], "staging");
        assert_eq!(fill(&inputs, &given(&[("environment", "dev")]), "prod").unwrap()["environment"], "dev");
    }

    #[test]
    fn inputs_are_held_to_what_is_declared() {
        let text = "on:\n  workflow_dispatch:\n    inputs:\n      tag: {required: true}\n      force: {type: boolean, default: false}\n      \
            replicas: {type: number}\n      where: {type: choice, options: [a, b]}\njobs: {}\n";
        let inputs = dispatch_inputs(text).unwrap();
        let wrong = fill(
            &inputs,
            &given(&[("force", "yes"), ("replicas", "many"), ("where", "c"), ("tga", "1")]),
            "dev",
        );
        insta::assert_snapshot!(wrong.unwrap_err().join("\n"), @"
        the workflow has no input tga (did you mean `tag`?)
        tag is required (a text)
        yes is not one of what force may be: true, false
        many is not one of what replicas may be: a number
        c is not one of what where may be: a, b
        ");
        let filled = fill(&inputs, &given(&[("tag", "1"), ("tag", "2"), ("replicas", "3")]), "dev").unwrap();
        assert_eq!(format!("{filled:?}"), r#"{"force": "false", "replicas": "3", "tag": "2"}"#);
    }

    #[test]
    fn what_cannot_be_started_by_hand_says_so() {
        for text in ["on: push\njobs: {}\n", "on: [push]\njobs: {}\n", "jobs: {}\n"] {
            assert!(dispatch_inputs(text).unwrap_err().contains("workflow_dispatch"), "{text}");
        }
        for text in
            ["on: workflow_dispatch\n", "on: [push, workflow_dispatch]\n", "on:\n  workflow_dispatch:\n"]
        {
            assert_eq!(dispatch_inputs(text).unwrap(), [], "{text}");
        }
        assert!(dispatch_inputs("on: [").unwrap_err().contains("no YAML"));
    }
}
