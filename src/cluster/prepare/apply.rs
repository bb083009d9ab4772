//! An apply, prepared.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    PrepareRequest, Prepared, preflight,
    row::{self, Looked},
    together,
};
use crate::{
    cluster::{Failure, FailureKind, Planner, Reader},
    diff::{Change, Kind, Problem, Risk, RiskKind, Row, lint, risks},
    object::{Object, meaning},
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
    problems.extend(objects.iter().flat_map(|(object, _)| lint(object)));
    let mut risks = ground.risks.clone();
    let (rights, looks) = tokio::join!(
        super::rights::check(planner, objects.iter().map(|(object, _)| object)),
        together(objects.iter().map(|(object, _)| look(planner, object, &ground)).collect()),
    );
    problems.extend(rights);
    let mut rows: Vec<(Row, Image)> = Vec::new();
    for ((object, autoscaler), looked) in objects.into_iter().zip(looks) {
        match looked {
            Ok(Some(looked)) => {
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
            Err(failure) => problems.push(row::refused(&object, &failure)),
        }
    }
    problems.extend(preflight::refused_pods(&rows));
    risks.extend(self::risks(
        &rows.iter().map(|(row, image)| (row, image.applied.as_ref())).collect::<Vec<_>>(),
    ));
    Ok(request.propose(Kind::Apply, rows, problems, risks, true))
}

/// Compares locally what the rendering names with what is live, for who may not make a dry run.
///
/// # Errors
/// As [`prepare_apply`].
pub async fn prepare_local(reader: &Reader, request: &PrepareRequest<'_>) -> Result<Prepared, Vec<Problem>> {
    let ground = preflight::survey(reader, request).await?;
    let objects = adjusted(reader, request, &ground).await?;
    let mut problems: Vec<Problem> = objects.iter().flat_map(|(object, _)| lint(object)).collect();
    let lives = together(objects.iter().map(|(object, _)| reader.live(object)).collect()).await;
    let mut rows = Vec::new();
    for ((object, autoscaler), live) in objects.into_iter().zip(lives) {
        match live {
            Ok(live) => {
                let expected = live.as_ref().map(|live| overlaid(live, &object));
                let looked =
                    Looked { live, expected, warnings: Vec::new(), adoptions: Vec::new(), replace: None };
                let (mut row, image) = row::row(request, object, looked, autoscaler);
                if row.fields.is_empty() && row.change == Change::Change {
                    row.change = Change::Same;
                }
                rows.push((row, image));
            }
            Err(failure) => problems.push(row::refused(&object, &failure)),
        }
    }
    let risks = vec![Risk {
        kind: RiskKind::Warning,
        key: None,
        message: "not validated: a local comparison of the fields that the rendering names".to_owned(),
    }];
    Ok(request.propose(Kind::Apply, rows, problems, risks, false))
}

/// The live object with the rendering's fields laid over it; list maps by `name`, other lists whole.
fn overlaid(live: &Object, rendered: &Object) -> Object {
    fn lay(under: &mut Value, over: &Value) {
        match (under, over) {
            (Value::Object(under), Value::Object(over)) => {
                for (name, value) in over {
                    lay(under.entry(name.clone()).or_insert(Value::Null), value);
                }
            }
            (Value::Array(under), Value::Array(over)) if by_name(under) && by_name(over) => {
                for item in over {
                    match under.iter_mut().find(|known| known.get("name") == item.get("name")) {
                        Some(known) => lay(known, item),
                        None => under.push(item.clone()),
                    }
                }
            }
            (under, over) => *under = over.clone(),
        }
    }
    fn by_name(items: &[Value]) -> bool {
        items.iter().all(|item| item.get("name").is_some())
    }
    let mut copy = live.clone();
    lay(&mut copy.0, &meaning(rendered).0);
    copy
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

/// One object, looked at; `None` where it cannot be yet.
async fn look(
    planner: &Planner,
    object: &Object,
    ground: &preflight::Ground,
) -> Result<Option<Looked>, Failure> {
    if ground.waits_for(object).is_some() {
        return ground.check_schema(planner, object).await.map(|()| None);
    }
    match row::look(planner, object).await {
        Ok(looked) => Ok(Some(looked)),
        Err(failure) if failure.kind == FailureKind::NamespaceNotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}
