//! An apply, prepared.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    PrepareRequest, Prepared,
    look::{Looked, look as look_at},
    preflight, row,
    taken_over::taken_over,
    together,
};
use crate::{
    cluster::{
        Failure, FailureKind, Planner, Reader,
        lives::{Wanted, lives},
    },
    diff::{
        Change, Kind, Problem, Risk, RiskInput, RiskKind, Row, lint, overlay, quota_risks, retired, risks,
    },
    object::Object,
    rollback::Image,
};

/// Compares what a step renders with what is live, by the API server's own dry run.
///
/// # Errors
/// Only what keeps every row from being looked at; what is wrong with single objects is among the
/// proposal's problems.
pub async fn prepare_apply(
    planner: &Planner,
    request: &PrepareRequest<'_>,
) -> Result<Prepared, Vec<Problem>> {
    let reader = planner.reader();
    let ground = preflight::survey(reader, request).await?;
    let objects = adjusted(reader, request, &ground).await?;
    let mut problems: Vec<Problem> = ground.problems.clone();
    problems.extend(lint(&objects.iter().map(|(object, _)| object).collect::<Vec<_>>()));
    let mut risks = ground.risks.clone();
    let looks = async {
        let wanted =
            objects.iter().map(|(object, _)| object).filter(|object| ground.waits_for(object).is_none());
        let mut lives = lives(reader, &wanted.map(Wanted::of).collect::<Vec<_>>()).await.into_iter();
        let looks = objects.iter().map(|(object, _)| match ground.waits_for(object) {
            Some(_) => look(planner, object, &ground, None),
            None => look(planner, object, &ground, lives.next()),
        });
        together(looks.collect()).await
    };
    let rights = super::rights::check(planner, objects.iter().map(|(object, _)| object));
    let (rights, looks) = tokio::join!(rights, looks);
    problems.extend(rights);
    let mut rows: Vec<(Row, Image)> = Vec::new();
    for ((object, autoscaler), looked) in objects.into_iter().zip(looks) {
        match looked {
            Ok(Some(mut looked)) => {
                let autoscaler = autoscaler.or(looked.scaled_by.take());
                let object = looked.sent.take().unwrap_or(object);
                if let Some(reason) = &looked.replace
                    && !request.step.allow_replace
                {
                    problems.push(Problem::new(
                        object.key().to_string(),
                        format!("it cannot be changed in place: {reason}"),
                        "undo that change in the manifest, or set `allow_replace: true` on the step (it is deleted and created then)",
                    ));
                }
                rows.push(row::row(request, object, looked, autoscaler));
            }
            Ok(None) => {
                let after = ground.waits_for(&object).unwrap_or_else(|| "an earlier step".to_owned());
                rows.push(row::planned(request, object, after, autoscaler));
            }
            // Told once, of the namespace.
            Err(failure) if failure.kind == FailureKind::NamespaceTerminating && ground.is_going() => {}
            Err(failure) => problems.push(row::refused(&object, &failure)),
        }
    }
    problems.extend(preflight::refused_pods(&rows));
    let (unmeant, meant) = retired(&inputs(&rows), request.step);
    problems.extend(unmeant);
    risks.extend(meant);
    risks.extend(self::risks(&inputs(&rows), &ground.budgets));
    risks.extend(quota_risks(&inputs(&rows), &ground.quotas, ground.has_limit_ranges));
    risks.extend(taken_over(reader, &rows).await);
    risks.extend(super::prune::left_over(request));
    Ok(request.propose(Kind::Apply, rows, problems, risks, true))
}

/// Compares locally what the rendering names with what is live, for who may not make a dry run.
///
/// # Errors
/// As [`prepare_apply`].
pub async fn prepare_local(reader: &Reader, request: &PrepareRequest<'_>) -> Result<Prepared, Vec<Problem>> {
    let ground = preflight::survey(reader, request).await?;
    let objects = adjusted(reader, request, &ground).await?;
    let mut problems: Vec<Problem> = lint(&objects.iter().map(|(object, _)| object).collect::<Vec<_>>());
    let wanted: Vec<Wanted<'_>> = objects.iter().map(|(object, _)| Wanted::of(object)).collect();
    let lives = lives(reader, &wanted).await;
    let mut rows = Vec::new();
    for ((object, autoscaler), live) in objects.into_iter().zip(lives) {
        match live {
            Ok(live) => {
                let expected = live.as_ref().map(|live| overlay(live, &object));
                let looked = Looked { live, expected, ..Looked::default() };
                let (mut row, image) = row::row(request, object, looked, autoscaler);
                if row.fields.is_empty() && row.change == Change::Change {
                    row.change = Change::Same;
                }
                rows.push((row, image));
            }
            Err(failure) => problems.push(row::refused(&object, &failure)),
        }
    }
    let mut found = vec![Risk {
        kind: RiskKind::Warning,
        key: None,
        message: "not validated: a local comparison of the fields that the rendering names".to_owned(),
    }];
    found.extend(ground.risks.clone());
    found.extend(risks(&inputs(&rows), &ground.budgets));
    let (unmeant, meant) = retired(&inputs(&rows), request.step);
    found.extend(meant);
    problems.extend(unmeant);
    problems.extend(ground.problems);
    Ok(request.propose(Kind::Apply, rows, problems, found, false))
}

pub(super) fn inputs(rows: &[(Row, Image)]) -> Vec<RiskInput<'_>> {
    rows.iter()
        .map(|(row, image)| RiskInput { row, applied: image.applied.as_ref(), live: image.before.as_ref() })
        .collect()
}

/// The objects as they are sent: with their namespace, and without replicas where an autoscaler, live or
/// rendered, has them; with that autoscaler's name.
async fn adjusted(
    reader: &Reader,
    request: &PrepareRequest<'_>,
    ground: &preflight::Ground,
) -> Result<Vec<(Object, Option<String>)>, Vec<Problem>> {
    let namespace = &request.environment.namespace;
    let mut objects = Vec::with_capacity(request.rendered.len());
    for object in &request.rendered {
        let mut object = object.clone();
        if object.namespace().is_none() && ground.is_namespaced(reader, &object).await {
            object.metadata_mut().insert("namespace".to_owned(), namespace.clone().into());
        }
        objects.push(object);
    }
    let mut scaled: BTreeSet<(String, String, String)> = ground.scaled.clone();
    scaled.extend(objects.iter().filter_map(preflight::scale_target));
    Ok(objects
        .into_iter()
        .map(|mut object| {
            let autoscaler = scaled
                .iter()
                .find(|(kind, name, _)| kind == object.kind() && name == object.name())
                .map(|(_, _, autoscaler)| autoscaler.clone());
            if autoscaler.is_some()
                && let Some(Value::Object(spec)) = object.0.get_mut("spec")
            {
                spec.remove("replicas");
            }
            (object, autoscaler)
        })
        .collect())
}

/// One object, looked at; `None` where it cannot be yet and so was not read.
async fn look(
    planner: &Planner,
    object: &Object,
    ground: &preflight::Ground,
    live: Option<Result<Option<Object>, Failure>>,
) -> Result<Option<Looked>, Failure> {
    let Some(live) = live else {
        return ground.check_schema(planner, object).await.map(|()| None);
    };
    match look_at(planner, object, live?).await {
        Ok(looked) => Ok(Some(looked)),
        Err(failure) if failure.kind == FailureKind::NamespaceNotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}
