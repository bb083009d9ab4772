//! A release, prepared: what helm would do to each object, and the one row that helm is run for.

use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt;
use serde_json::{Value, json};

use super::{
    PrepareRequest, Prepared, apply::inputs, look::Looked, preflight, release_look::Looking,
    release_marks as marks, release_recovery as recovery, release_rows as rows, taken_over::taken_over,
    together,
};
use crate::{
    cluster::{
        Failure, FailureKind, Planner, Reader,
        lives::{Wanted, lives},
    },
    diff::{Change, Kind, Problem, ReleaseView, Risk, Row, quota_risks, retired, risks},
    helm::{Applied, Rendered, blanked},
    object::{Key, Object},
    rollback::{Image, Recovery, ReleaseAction, ReleaseOrder},
};

/// What is to be done to a release.
pub struct ReleaseRequest<'a> {
    /// Step, environment, cluster, digests. Its rendering is what the release shall hold.
    pub base: PrepareRequest<'a>,
    /// An apply, or a rollback.
    pub kind: Kind,
    /// What helm is to be told, if anything is to change.
    pub order: ReleaseOrder,
    /// What the chart renders to besides; for a rollback the objects only.
    pub rendered: Rendered,
    /// What the release holds now, as rendered; `None` when there is none.
    pub standing: Option<Vec<Object>>,
    /// How helm will write.
    pub applied: Applied,
    /// Chart and values are those of the revision that stands.
    pub is_same_chart: bool,
    /// What the row of the release shows: name of the field, before, after.
    pub facts: Vec<(&'static str, Option<Value>, Option<Value>)>,
    /// A rollback: objects as the step left them.
    pub left: BTreeMap<Key, Object>,
    /// What is shown besides rows.
    pub view: ReleaseView,
    /// What stands in the way already.
    pub problems: Vec<Problem>,
    /// What is to be known already.
    pub risks: Vec<Risk>,
}

/// Compares what a release would hold with what is live. Without a planner, locally.
///
/// # Errors
/// Only what keeps every row from being looked at.
pub async fn prepare_release(
    reader: &Reader,
    planner: Option<&Planner>,
    mut request: ReleaseRequest<'_>,
) -> Result<Prepared, Vec<Problem>> {
    let ground = preflight::survey(reader, &request.base).await?;
    let mut problems = std::mem::take(&mut request.problems);
    problems.extend(ground.problems.iter().cloned());
    let mut found = std::mem::take(&mut request.risks);
    found.extend(ground.risks.iter().cloned());
    let targets = with_namespaces(reader, &ground, &request, &request.rendered.objects).await;
    let standing = match &request.standing {
        Some(objects) => with_namespaces(reader, &ground, &request, objects).await,
        None => Vec::new(),
    };
    if let Some(planner) = planner {
        let secret =
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": request.order.namespace}});
        let secret = Object(secret);
        problems.extend(super::rights::check(planner, targets.iter().chain([&secret])).await);
    }
    let held: BTreeMap<Key, &Object> = standing.iter().map(|object| (object.key(), object)).collect();
    let kept: BTreeSet<Key> = targets.iter().map(Object::key).collect();
    let going: Vec<&Object> = standing.iter().filter(|object| !kept.contains(&object.key())).collect();
    let stamped: Vec<Object> = targets.iter().map(|object| marks::stamped(object, &request.order)).collect();
    let looking = Looking { planner, applied: request.applied, may_force: request.kind == Kind::Rollback };
    let looks = {
        let wanted: Vec<&Object> =
            stamped.iter().filter(|object| ground.waits_for(object).is_none()).collect();
        let mut live = lives(reader, &wanted.iter().map(|object| Wanted::of(object)).collect::<Vec<_>>())
            .await
            .into_iter();
        let looks = stamped.iter().map(|object| {
            let live = if ground.waits_for(object).is_none() { live.next() } else { None };
            let old = held.get(&object.key()).copied();
            one(&looking, (&ground, &request), object, old, live).boxed()
        });
        together(looks.collect()).await
    };
    let mut all: Vec<(Row, Image)> = Vec::new();
    for (object, looked) in stamped.into_iter().zip(looks) {
        let key = object.key();
        match looked {
            Ok(Some(looked)) => {
                if let Some(reason) = &looked.replace {
                    problems.push(rows::fixed(&key, reason));
                }
                let places = request.rendered.places(&key);
                let (row, image, more) = rows::row(&request, object, looked, places);
                found.extend(more);
                all.push((row, image));
            }
            Ok(None) => {
                let after = ground.waits_for(&object).unwrap_or_default();
                all.push(rows::planned(&request, object, after));
            }
            Err(problem) => problems.extend(problem),
        }
    }
    if let (Some(planner), Some(Recovery::Rollback(to))) = (planner, request.order.recovery) {
        found.extend(recovery::written_over(planner, &request, &standing, to).await?);
    }
    let (gone, more) = leaving(reader, &request, &going).await.map_err(|problem| vec![problem])?;
    all.extend(gone);
    found.extend(more);
    if request.kind != Kind::Rollback {
        let (unmeant, meant) = retired(&inputs(&all), request.base.step);
        problems.extend(unmeant);
        found.extend(meant);
    }
    found.extend(risks(&inputs(&all), &ground.budgets));
    found.extend(quota_risks(&inputs(&all), &ground.quotas, ground.has_limit_ranges));
    found.extend(taken_over(reader, &all).await);
    let (crds, more) = rows::crds(reader, &request).await.map_err(|problem| vec![problem])?;
    all.extend(crds);
    found.extend(more);
    problems.extend(preflight::refused_pods(&all));
    Ok(finish(request, all, problems, found, planner.is_some()))
}

/// One object: looked at, `None` where it cannot be yet, or a problem (none where it is told already).
async fn one(
    looking: &Looking<'_>,
    (ground, request): (&preflight::Ground, &ReleaseRequest<'_>),
    object: &Object,
    old: Option<&Object>,
    live: Option<Result<Option<Object>, Failure>>,
) -> Result<Option<Looked>, Option<Problem>> {
    let refused = |failure: Failure| {
        let is_told = failure.kind == FailureKind::NamespaceTerminating && ground.is_going();
        (!is_told).then(|| rows::refused(object, &failure))
    };
    let Some(live) = live else {
        let Some(planner) = looking.planner else { return Ok(None) };
        return ground.check_schema(planner, object).await.map(|()| None).map_err(refused);
    };
    let live = live.map_err(refused)?;
    if old.is_none()
        && let Some(problem) = live.as_ref().and_then(|live| marks::foreign(live, &request.order))
    {
        return Err(Some(problem));
    }
    let places = request.rendered.places(&object.key());
    looking.at(object, old, places, live).await.map(Some).map_err(refused)
}

/// Puts the row of the release before the others.
fn finish(
    mut request: ReleaseRequest<'_>,
    mut all: Vec<(Row, Image)>,
    problems: Vec<Problem>,
    mut found: Vec<Risk>,
    validated: bool,
) -> Prepared {
    let changes = all.iter().any(|(row, _)| row.change != Change::Same);
    let is_same = !changes && request.is_same_chart && request.order.recovery.is_none();
    if is_same || matches!(request.order.action, ReleaseAction::Nothing) {
        request.order.action = ReleaseAction::Nothing;
        "nothing: the release is as it should be".clone_into(&mut request.view.action);
    } else {
        found.extend(rows::tell_made_anew(&request.rendered, &mut all));
    }
    request.order.made_anew =
        request.rendered.made_anew.iter().map(|(key, places)| (key.clone(), places.clone())).collect();
    if let ReleaseAction::Rollback { force, .. } = &mut request.order.action {
        // A merge of helm's own writes over fields of others anyway, and helm refuses to be told so.
        *force = request.applied == Applied::ByServer && all.iter().any(|(row, _)| !row.adoptions.is_empty());
    }
    all.push(rows::release(&request));
    let ReleaseRequest { base, kind, order, view, .. } = request;
    let mut prepared = base.propose(kind, all, problems, found, validated);
    prepared.proposal.release = Some(view);
    prepared.release = Some(order);
    prepared
}

/// What the release holds now and no longer shall.
async fn leaving(
    reader: &Reader,
    request: &ReleaseRequest<'_>,
    going: &[&Object],
) -> Result<(Vec<(Row, Image)>, Vec<Risk>), Problem> {
    let looks = going.iter().map(|object| reader.live(object).boxed()).collect();
    let lives: Vec<Result<Option<Object>, Failure>> = together(looks).await;
    let (mut all, mut risks) = (Vec::new(), Vec::new());
    for (object, live) in going.iter().zip(lives) {
        let Some(live) = live.map_err(|failure| failure.problem(&object.key()))? else { continue };
        if marks::is_kept(object) {
            // What stays of the whole release is said with it.
            if request.order.action != ReleaseAction::Uninstall {
                risks.push(rows::stays(&object.key(), "its chart says so (helm.sh/resource-policy: keep)"));
            }
            continue;
        }
        let (row, image, risk) = rows::delete(request, object, live);
        all.push((row, image));
        risks.extend(risk);
    }
    Ok((all, risks))
}

/// Objects with the namespace that helm puts them into.
async fn with_namespaces(
    reader: &Reader,
    ground: &preflight::Ground,
    request: &ReleaseRequest<'_>,
    objects: &[Object],
) -> Vec<Object> {
    let mut placed = Vec::with_capacity(objects.len());
    for object in objects {
        let mut object = object.clone();
        if object.namespace().is_none() && ground.is_namespaced(reader, &object).await {
            object.metadata_mut().insert("namespace".to_owned(), request.order.namespace.clone().into());
        }
        placed.push(object);
    }
    placed
}

/// Are two renderings the same, but for what is made anew each time?
#[must_use]
pub fn same_objects(one: &[Object], other: &[Object], made_anew: &BTreeMap<Key, Vec<String>>) -> bool {
    let steady = |objects: &[Object]| -> BTreeMap<Key, Value> {
        let places = |key: &Key| made_anew.get(key).map_or(&[][..], Vec::as_slice);
        let blank = |object: &Object| blanked(&object.0, places(&object.key()));
        objects.iter().map(|object| (object.key(), blank(object))).collect()
    };
    steady(one) == steady(other)
}
