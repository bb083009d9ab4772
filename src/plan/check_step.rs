//! A step of a plan, checked.

use std::time::Duration;

use super::{
    Acknowledgement, Action, Environment, EnvironmentName, Evidence, Manual, StageId, Step, StepPath,
    check::{Unique, label, names},
    check_gate::gate,
    check_helm::{HelmScope, helm},
    check_text::{PathTarget, templated},
    cursor::{Cursor, Fields},
    diagnostic::{Findings, suggestion},
    node::Node,
    reference::{Reference, ReferenceSort},
    shape::{ACKNOWLEDGEMENT, ACTIONS, KUSTOMIZE, MANIFESTS, MANUAL, PIN, STEP},
    words::duration,
};
use crate::catalogue;

/// How long a step's objects may take unless it says otherwise.
const DEFAULT_DEADLINE: Duration = Duration::from_mins(5);

/// What a step is read within.
pub(super) struct StepScope<'s> {
    pub(super) stage: &'s StageId,
    pub(super) environments: &'s [Environment],
    pub(super) references: &'s mut Vec<Reference>,
    pub(super) ids: Unique,
}

/// Reads one step.
pub(super) fn step(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    scope: &mut StepScope<'_>,
) -> Option<Step> {
    let fields = cursor.fields_with_unknown(findings, &STEP)?;
    let id = step_id(&fields, findings, scope);
    let path = StepPath { stage: scope.stage.clone(), step: id };
    let only_in = fields.get("only_in").map(|field| only_in(&field, findings, scope.environments));
    let here: Vec<Environment> = scope
        .environments
        .iter()
        .filter(|environment| only_in.as_ref().is_none_or(|only| only.contains(&environment.name)))
        .cloned()
        .collect();
    let mut text = |name: &str| {
        let field = fields.get(name)?;
        templated(&field, findings, &here)
    };
    let (title, description, later) = (text("title"), text("description"), text("later"));
    let action = action(&fields, findings, &here, &path, scope.references);
    if let Some(action) = &action {
        check_fit(&fields, findings, action);
    }
    let mut list =
        |name: &str| fields.get(name).map(|field| field.list(findings, "gate")).unwrap_or_default();
    let (requires, gates) = (list("requires"), list("gates"));
    let mut target =
        PathTarget { here: &here, step: &path, sort: ReferenceSort::File, references: scope.references };
    let requires = requires.iter().filter_map(|one| gate(one, findings, &mut target)).collect();
    let gates = gates.iter().filter_map(|one| gate(one, findings, &mut target)).collect();
    let deadline = fields.get("deadline").and_then(|field| deadline(&field, findings));
    let inventory =
        fields.get("inventory").and_then(|field| label(&field, findings, "an inventory set's name"));
    let acknowledged = fields.get("acknowledge").map(|field| field.list(findings, "acknowledgement"));
    let acknowledged = acknowledged
        .unwrap_or_default()
        .iter()
        .filter_map(|one| acknowledgement(one, findings, &here))
        .collect();
    let allow_replace = fields.get("allow_replace").and_then(|field| field.boolean(findings));
    Some(Step {
        title: title.unwrap_or_default(),
        description: description.unwrap_or_default(),
        action: action
            .unwrap_or(Action::Manual(Manual { instructions: Vec::new(), evidence: Evidence::Optional })),
        requires,
        gates,
        deadline: deadline.unwrap_or(DEFAULT_DEADLINE),
        // A dot, which no written name may have: so a default never meets a set that the plan names.
        inventory: inventory.unwrap_or_else(|| format!("{}.{}", path.stage, path.step)),
        allow_replace: allow_replace.unwrap_or(false),
        acknowledged,
        only_in,
        later,
        path,
    })
}

fn step_id(fields: &Fields<'_>, findings: &mut Findings<'_>, scope: &mut StepScope<'_>) -> String {
    let Some(field) = fields.get("id") else { return String::new() };
    let Some(id) = label(&field, findings, "a step's id") else { return String::new() };
    scope.ids.see(&id, &field, findings);
    // Stage and step together name the inventory set, which becomes a label's value.
    if scope.stage.0.len() + id.len() > 62 {
        field.report(
            findings,
            "the ids of stage and step are longer than 62 characters together",
            "shorten one of them",
        );
    }
    id
}

fn only_in(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    environments: &[Environment],
) -> Vec<EnvironmentName> {
    let known = names(environments);
    let mut only = Vec::new();
    for item in cursor.list(findings, "environment name") {
        let Some(name) = item.text(findings) else { continue };
        if !known.contains(&name) && !known.is_empty() {
            item.report(findings, format!("there is no environment `{name}`"), suggestion(name, &known));
        }
        only.push(EnvironmentName(name.to_owned()));
    }
    only
}

/// Reads the one key that says what the step does.
fn action(
    fields: &Fields<'_>,
    findings: &mut Findings<'_>,
    here: &[Environment],
    step: &StepPath,
    references: &mut Vec<Reference>,
) -> Option<Action> {
    let present: Vec<&str> = ACTIONS.into_iter().filter(|name| fields.get(name).is_some()).collect();
    let mut kind_was_unknown = false;
    for name in &fields.unknown {
        // Without an action, an unknown field that holds fields of its own must be meant as one.
        let meant_as_kind =
            present.is_empty() && fields.get(name).is_some_and(|field| matches!(field.node(), Node::Map(_)));
        if meant_as_kind {
            fields.report_unknown(findings, name, &format!("unknown kind of step `{name}`"), &ACTIONS);
        } else {
            fields.report_unknown(
                findings,
                name,
                &format!("unknown field `{name}` in a step"),
                &STEP.names(),
            );
        }
        kind_was_unknown |= meant_as_kind;
    }
    match present.as_slice() {
        [] if kind_was_unknown => None,
        [] => {
            let hint = format!("add one of {}", ACTIONS.join(", "));
            fields.whole().report(findings, "this step does not say what it does", hint);
            None
        }
        [name] => {
            let field = fields.get(name)?;
            match *name {
                "manual" => manual(&field, findings, here),
                "manifests" => {
                    let paths = field.fields(findings, &MANIFESTS)?.get("paths")?;
                    let mut target = PathTarget { here, step, sort: ReferenceSort::Manifests, references };
                    let paths = paths.list(findings, "path");
                    Some(Action::Manifests {
                        paths: paths.iter().filter_map(|item| target.path(item, findings)).collect(),
                    })
                }
                "helm" => {
                    let scope = HelmScope { here, step, references };
                    helm(&field, findings, scope).map(Action::Helm)
                }
                _ => {
                    let is_pin = *name == "pin";
                    let shape = if is_pin { &PIN } else { &KUSTOMIZE };
                    let path = field.fields(findings, shape)?.get("path")?;
                    let mut target =
                        PathTarget { here, step, sort: ReferenceSort::Kustomization, references };
                    let path = target.path(&path, findings)?;
                    Some(if is_pin { Action::Pin { path } } else { Action::Kustomize { path } })
                }
            }
        }
        [_, second, ..] => {
            let message = format!("a step does one thing, and this one has {}", present.join(" and "));
            fields.report_key(findings, second, &message, "make two steps of it");
            None
        }
    }
}

fn manual(cursor: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment]) -> Option<Action> {
    let fields = cursor.fields(findings, &MANUAL)?;
    let instructions =
        fields.get("instructions").map(|field| field.list(findings, "instruction")).unwrap_or_default();
    let instructions = instructions.iter().filter_map(|item| templated(item, findings, here)).collect();
    let evidence = fields.get("evidence").and_then(|field| {
        field.choice(findings, &[("required", Evidence::Required), ("optional", Evidence::Optional)])
    });
    Some(Action::Manual(Manual { instructions, evidence: evidence.unwrap_or(Evidence::Optional) }))
}

/// Fields that mean nothing for what the step does would be silently without effect.
fn check_fit(fields: &Fields<'_>, findings: &mut Findings<'_>, action: &Action) {
    let (misfits, why): (&[&str], &str) = match action {
        Action::Manual(_) => (&["inventory", "allow_replace", "acknowledge"], "a manual step has no objects"),
        Action::Manifests { .. } | Action::Kustomize { .. } => {
            (&["later"], "this step already does something by itself")
        }
        Action::Pin { .. } => {
            (&["later", "inventory", "allow_replace", "acknowledge"], "a pin changes a file, and no objects")
        }
        Action::Helm(_) => (&["later", "allow_replace"], "helm installs and upgrades the release by itself"),
    };
    if matches!(action, Action::Manual(_)) && fields.get("requires").is_some() {
        let message = "`requires` means nothing here: a manual step is done by a person";
        fields.report_key(
            findings,
            "requires",
            message,
            "make `gates` of it, which are asked before it is ticked",
        );
    }
    for name in misfits {
        if fields.get(name).is_some() {
            fields.report_key(findings, name, &format!("`{name}` means nothing here: {why}"), "remove it");
        }
    }
}

fn acknowledgement(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    here: &[Environment],
) -> Option<Acknowledgement> {
    let fields = cursor.fields(findings, &ACKNOWLEDGEMENT)?;
    let component = fields.get("component").and_then(|field| {
        let name = field.text(findings)?;
        if catalogue::named(name).is_none() {
            let known: Vec<&str> = catalogue::all().iter().map(|one| one.name.as_str()).collect();
            field.report(findings, format!("no ended component `{name}` is known"), suggestion(name, &known));
        }
        Some(name.to_owned())
    });
    let reason = fields.get("reason").and_then(|field| templated(&field, findings, here));
    Some(Acknowledgement { component: component?, reason: reason? })
}

fn deadline(cursor: &Cursor<'_>, findings: &mut Findings<'_>) -> Option<Duration> {
    const HINT: &str = "write a number with its unit, as in 90s, 5m or 1h30m";
    if let Node::Number(number) = cursor.node() {
        cursor.report(findings, format!("`{number}` is no duration: it lacks a unit"), HINT);
        return None;
    }
    let text = cursor.text(findings)?;
    duration(text)
        .map_err(|why| cursor.report(findings, format!("`{text}` cannot be a deadline: {why}"), HINT))
        .ok()
}
