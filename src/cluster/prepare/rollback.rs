//! A rollback, prepared: the inverse of what was done, against what is live, tried by dry runs.

use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt;
use serde_json::Value;

use super::{
    PrepareRequest, Prepared, Traced,
    rollback_foreign::{foreign_contents, held_by_later_steps},
    rollback_rows, together,
};
use crate::{
    cluster::{
        FIELD_MANAGER, Failure, FailureKind, Planner, Reader, autoscalers,
        execute::{Replicas, guarded, same_meaning, whole},
        record::Inventory,
    },
    diff::{Change, Kind, Problem, Risk, Row},
    object::{Key, Object, managers, meaning, own_set, set_managers},
    plan::{Step, StepPath},
    rollback::{
        Image, Inverse, UndoneAttempt, for_creation, inverse, with_living_owners, without_allocations,
    },
};

/// What is to be undone.
pub struct RollbackRequest<'a> {
    /// Step, environment, cluster, digests; nothing is rendered.
    pub base: PrepareRequest<'a>,
    /// The attempts to undo, newest first, with what became of their rows.
    pub undone: Vec<UndoneAttempt>,
    /// Rollback of a stage: steps that will have been undone before this one.
    pub after: Vec<StepPath>,
    /// The attempts of those steps that are still to be undone, newest first: what they leave is what
    /// this one is compared with.
    pub first: Vec<UndoneAttempt>,
    /// Every inventory set of the plan in this environment, this step's among them.
    pub inventories: &'a [Inventory],
    /// What others have made because of steps.
    pub traced: &'a Traced,
    /// The environment's steps.
    pub steps: &'a [Step],
    /// What hooks will make when releases of steps before this one are uninstalled, and that stays then.
    pub coming: &'a [(StepPath, Object)],
}

/// Works out what takes the attempts back. Reads and dry runs only.
///
/// # Errors
/// What keeps the cluster from being read. What cannot be undone is marked on its row; what must not
/// be is among the proposal's problems.
pub async fn prepare_rollback(
    planner: &Planner,
    request: &RollbackRequest<'_>,
) -> Result<Prepared, Vec<Problem>> {
    let reader = planner.reader();
    let really = lives(reader, request.undone.iter().chain(&request.first), |_| true).await?;
    let mut live = really.clone();
    let mut gone_first = BTreeSet::new();
    for step in inverse(&request.first, &really) {
        if step.change == Change::Delete {
            gone_first.insert(step.key.clone());
        }
        match step.target {
            Some(target) => drop(live.insert(step.key, target)),
            None => drop(live.remove(&step.key)),
        }
    }
    let inverses = inverse(&request.undone, &live);
    let mut problems = held_by_later_steps(request, &inverses);
    problems.extend(foreign_contents(reader, request, &inverses, &gone_first).await?);
    let going: BTreeSet<Key> =
        inverses.iter().filter(|undo| undo.change == Change::Delete).map(|undo| undo.key.clone()).collect();
    let attempts = inverses
        .into_iter()
        .map(|undo| {
            let simulated = live.get(&undo.key) != really.get(&undo.key);
            attempt(planner, request, undo, simulated, &going).boxed()
        })
        .collect();
    let tried: Vec<Result<Undoing, Problem>> = together(attempts).await;
    let (mut rows, mut risks) = (Vec::new(), Vec::new());
    for outcome in tried {
        match outcome {
            Ok((row, image, more)) => {
                rows.push((row, image));
                risks.extend(more);
            }
            Err(problem) => problems.push(problem),
        }
    }
    Ok(request.base.propose(Kind::Rollback, rows, problems, risks, true))
}

/// One object's part of a rollback.
type Undoing = (Row, Image, Vec<Risk>);

/// What is live under every key that any record names and that is wanted.
pub(super) async fn lives<'a>(
    reader: &Reader,
    attempts: impl Iterator<Item = &'a UndoneAttempt>,
    is_wanted: impl Fn(&Key) -> bool,
) -> Result<BTreeMap<Key, Object>, Vec<Problem>> {
    let keys: BTreeMap<Key, String> = attempts
        .flat_map(|attempt| &attempt.record.images)
        .filter(|image| is_wanted(&image.key))
        .map(|image| (image.key.clone(), image.api_version.clone()))
        .collect();
    let looks = keys.into_iter().map(|(key, version)| look(reader, key, version).boxed()).collect();
    let looks: Vec<(Key, Result<Option<Object>, Failure>)> = together(looks).await;
    let (mut found, mut problems) = (BTreeMap::new(), Vec::new());
    for (key, live) in looks {
        match live {
            Ok(Some(live)) => drop(found.insert(key, live)),
            Ok(None) => {}
            Err(failure) => problems.push(failure.problem(&key)),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

async fn look(reader: &Reader, key: Key, version: String) -> (Key, Result<Option<Object>, Failure>) {
    let live = reader.by_key(&version, &key).await;
    (key, live)
}

/// One object: how it is undone, and the row that says so.
async fn attempt(
    planner: &Planner,
    request: &RollbackRequest<'_>,
    mut undo: Inverse,
    simulated: bool,
    going: &BTreeSet<Key>,
) -> Result<Undoing, Problem> {
    let reader = planner.reader();
    let mut scalers = match &undo.live {
        Some(live) if live.at(&["spec", "replicas"]).is_some() => {
            autoscalers::of(reader, live).await.map_err(|failure| failure.problem(&undo.key))?
        }
        _ => Vec::new(),
    };
    // Those that this rollback removes are gone when it comes to replicas.
    scalers
        .retain(|name| !going.iter().any(|key| key.kind == "HorizontalPodAutoscaler" && key.name == *name));
    let mut applied = None;
    let mut warnings = Vec::new();
    match undo.change {
        Change::Revert if !simulated => {
            let replicas = if scalers.is_empty() { Replicas::Count } else { Replicas::Float };
            let tried = try_revert(planner, &mut undo, replicas).await?;
            applied = tried.applied;
            warnings = tried.warnings;
        }
        Change::Recreate => {
            keep_living_owners(reader, &mut undo).await?;
            if undo.live.is_none() && !simulated {
                warnings = try_recreate(planner, &mut undo).await?;
            }
        }
        _ => {}
    }
    Ok(rollback_rows::row(&request.base, undo, applied, warnings, &scalers))
}

/// How a revert can be written.
#[derive(Default)]
struct Tried {
    applied: Option<Object>,
    warnings: Vec<String>,
}

/// Our earlier set, applied, where that comes to the target; else the whole object.
async fn try_revert(planner: &Planner, undo: &mut Inverse, replicas: Replicas) -> Result<Tried, Problem> {
    let (Some(live), Some(target)) = (undo.live.clone(), undo.target.clone()) else {
        return Ok(Tried::default());
    };
    if same_meaning(&live, &target, replicas) {
        return Ok(Tried::default());
    }
    if let Some(mut own) = own_set(&target, FIELD_MANAGER, "Apply") {
        if replicas == Replicas::Float
            && let Some(Value::Object(spec)) = own.0.get_mut("spec")
        {
            spec.remove("replicas");
        }
        // Without the version: a busy object's status may move, and what counts is what it comes to.
        let mut guarded = guarded(&own, &live);
        guarded.metadata_mut().remove("resourceVersion");
        match planner.dry_run(&guarded).await {
            Ok(answer) if same_meaning(&answer.object, &target, replicas) => {
                return Ok(Tried { applied: Some(own), warnings: answer.warnings });
            }
            Err(failure) if failure.kind == FailureKind::Forbidden => return Err(failure.problem(&undo.key)),
            _ => {}
        }
    }
    let mut body = whole(&target, &live, replicas);
    for _ in 0..3 {
        match planner.dry_run_replace(&body).await {
            Ok(answer) => {
                let mut settled = answer.object;
                if meaning(&settled) != meaning(&target) {
                    // Defaults that the API server fills in; what it settles on is what is shown.
                    set_managers(&mut settled, &managers(&target));
                    undo.target = Some(settled);
                }
                return Ok(Tried { applied: None, warnings: answer.warnings });
            }
            Err(failure) if failure.kind == FailureKind::Invalid && without_allocations(&body) != body => {
                body = without_allocations(&body);
            }
            Err(failure) if failure.kind == FailureKind::Conflict => {
                body.metadata_mut().remove("resourceVersion");
            }
            Err(failure) if failure.kind == FailureKind::Invalid => {
                undo.cannot_undo = Some(format!("the API server refuses it as it was: {}", failure.message));
                undo.change = Change::Same;
                return Ok(Tried::default());
            }
            Err(failure) => return Err(failure.problem(&undo.key)),
        }
    }
    Ok(Tried::default())
}

/// Would the API server take it again? Its warnings; a refusal marks the row.
async fn try_recreate(planner: &Planner, undo: &mut Inverse) -> Result<Vec<String>, Problem> {
    let Some(body) = undo.target.as_ref().map(for_creation) else { return Ok(Vec::new()) };
    match planner.dry_run(&body).await {
        Ok(answer) => Ok(answer.warnings),
        Err(failure) if failure.kind == FailureKind::Invalid => {
            let body = without_allocations(&body);
            match planner.dry_run(&body).await {
                Ok(answer) => Ok(answer.warnings),
                Err(failure) => {
                    undo.cannot_undo =
                        Some(format!("the API server refuses it as it was: {}", failure.message));
                    undo.change = Change::Same;
                    Ok(Vec::new())
                }
            }
        }
        Err(failure) if failure.kind == FailureKind::NamespaceNotFound => Ok(Vec::new()),
        Err(failure) => Err(failure.problem(&undo.key)),
    }
}

/// Garbage collection takes an object whose owner is gone at once.
async fn keep_living_owners(reader: &Reader, undo: &mut Inverse) -> Result<(), Problem> {
    let Some(target) = &undo.target else { return Ok(()) };
    let mut living = BTreeSet::new();
    let owners = target.at(&["metadata", "ownerReferences"]).and_then(Value::as_array);
    for owner in owners.into_iter().flatten() {
        let text = |field: &str| owner.get(field).and_then(Value::as_str).unwrap_or_default();
        let namespace = undo.key.namespace.as_deref();
        let found = reader
            .get(text("apiVersion"), text("kind"), namespace, text("name"))
            .await
            .map_err(|failure| failure.problem(&undo.key))?;
        if found.as_ref().and_then(Object::uid) == Some(text("uid")) {
            living.insert(text("uid").to_owned());
        }
    }
    undo.target = Some(with_living_owners(target, |uid| living.contains(uid)));
    Ok(())
}
