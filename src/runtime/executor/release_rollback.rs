//! A release, taken back: to the revision that stood before, or away.

use std::collections::BTreeMap;

use super::{
    Executor,
    helm::{Known, Wanted},
    release::signature,
    release_hooks,
    release_same::applied,
    release_view::{Fact, facts, told_to, view},
};
use crate::{
    cluster::{Inventory, Prepared, ReleaseRequest, orphans, prepare_release},
    diff::{Kind, Problem, Risk, RiskKind},
    engine::Attempt,
    helm::{Rendered, Revision, Status},
    object::{Key, Object},
    plan::Step,
    rollback::{Fate, ReleaseAction, ReleaseOrder, UndoneAttempt},
    runtime::Context,
    words::few,
};

impl Executor {
    pub(super) async fn prepare_release_rollback(
        &self,
        step: &Step,
        undone: &[UndoneAttempt],
        context: &Context,
    ) -> Result<Prepared, Vec<Problem>> {
        let one = |problem: Problem| vec![problem];
        let writer = self.hands.writer().map_err(one)?;
        let (Some(newest), Some(oldest)) = (ordered(undone.first()), ordered(undone.last())) else {
            return Err(one(Problem::new(
                step.path.to_string(),
                "some of its attempts were made by helm and some were not",
                "take the release back by hand: helm history, helm rollback or helm uninstall",
            )));
        };
        let known = self.known_or_gone(oldest, undone).await?;
        let mut stuck = self.stuck(step, &known, &oldest.name);
        // helm goes back from any state by itself.
        stuck.recovery = None;
        stuck.risks.retain(|risk| risk.kind != RiskKind::Warning);
        let action = action(undone, oldest, &known).map_err(one)?;
        stuck.risks.extend(foreign_revisions(newest, &known, |one| is_ours(one, undone, context)));
        let place = self.workplace().await.map_err(one)?;
        let stood = match &action {
            ReleaseAction::Rollback { to, .. } => {
                Some(place.release(&oldest.name, &oldest.namespace, *to).await.map_err(one)?)
            }
            _ => None,
        };
        let shall = match &action {
            ReleaseAction::Nothing => known.release.as_ref(),
            _ => stood.as_ref(),
        };
        let objects = shall.map(|release| release.objects.clone()).unwrap_or_default();
        let order = ReleaseOrder {
            action,
            before: known.last().map(|last| last.revision),
            stood: known.deployed().map(|deployed| deployed.revision),
            recovery: None,
            made_anew: Vec::new(),
            ..oldest.without_values()
        };
        let gone = Rendered {
            objects: known.release.as_ref().map(|release| release.objects.clone()).unwrap_or_default(),
            hooks: self.hooks_of(known.release.as_ref(), &order.namespace).await,
            ..Rendered::default()
        };
        let (hooks, what) = match &order.action {
            ReleaseAction::Uninstall => (gone.hooks.clone(), "delete"),
            ReleaseAction::Rollback { .. } => {
                (self.hooks_of(stood.as_ref(), &order.namespace).await, "rollback")
            }
            _ => (Vec::new(), ""),
        };
        let running = release_hooks::running(&hooks, what);
        stuck.risks.extend(release_hooks::told(&running, false));
        let hooks = hooks.into_iter().filter(|hook| hook.runs_at(what)).collect();
        let rendered = Rendered { objects, hooks, looked_up: true, ..Rendered::default() };
        let mut shown = view(&order, place, &known, told_to(&order), None, (&gone, running));
        shown.stays.extend(crds_of(undone));
        if order.action == ReleaseAction::Uninstall {
            stuck.risks.extend(shown.stays.iter().map(|key| Risk {
                kind: RiskKind::Stays,
                key: Some(key.clone()),
                message: "it stays in the cluster: helm does not remove it".to_owned(),
            }));
        } else {
            shown.stays.clear();
        }
        let environment = self.environment_of(&order.namespace);
        let mut base = self.request(step, rendered.objects.clone(), Inventory::default());
        base.environment = &environment;
        base.renderer = Some(place.helm.to_string());
        // helm goes back the way that the revision was written which it goes back to.
        let applied = applied(stood.as_ref().or(known.release.as_ref()), place.helm.generation);
        let request = ReleaseRequest {
            base,
            kind: Kind::Rollback,
            facts: facts_of(&known, &order),
            order,
            rendered,
            standing: known.release.map(|release| release.objects),
            applied,
            is_same_chart: false,
            left: left(undone),
            view: shown,
            problems: stuck.problems,
            risks: stuck.risks,
        };
        prepare_release(self.hands.reader(), Some(writer.planner()), request).await
    }

    /// The release as it stands; one that helm does not know must be gone.
    async fn known_or_gone(
        &self,
        order: &ReleaseOrder,
        undone: &[UndoneAttempt],
    ) -> Result<Known, Vec<Problem>> {
        let known = self.known(&order.name, &order.namespace, Wanted::Last).await;
        let known = known.map_err(|problem| vec![problem])?;
        if known.last().is_none() {
            let left = orphans(self.hands.reader(), order, undone).await?;
            if !left.is_empty() {
                return Err(vec![forgotten(order, &left)]);
            }
        }
        Ok(known)
    }
}

/// What the row of the release shows: what it goes back to, or that it goes.
fn facts_of(known: &Known, order: &ReleaseOrder) -> Vec<Fact> {
    let target = match &order.action {
        ReleaseAction::Rollback { to, .. } => known.history.iter().find(|one| one.revision == *to),
        _ => None,
    };
    match target {
        Some(target) => facts(known, order, &target.chart, Some(&target.app_version)),
        None => {
            facts(known, order, "", None).into_iter().map(|(name, before, _)| (name, before, None)).collect()
        }
    }
}

fn ordered(attempt: Option<&UndoneAttempt>) -> Option<&ReleaseOrder> {
    attempt?.record.release.as_ref()
}

/// What takes the attempts back.
fn action(undone: &[UndoneAttempt], oldest: &ReleaseOrder, known: &Known) -> Result<ReleaseAction, Problem> {
    let was_begun = |attempt: &UndoneAttempt| {
        let rows = attempt.record.images.iter().zip(&attempt.fates);
        rows.filter(|(image, _)| image.is_release()).any(|(_, fate)| *fate != Fate::NotWritten)
    };
    let changed = |attempt: &UndoneAttempt| {
        ordered(Some(attempt)).is_some_and(|order| order.action != ReleaseAction::Nothing)
    };
    let Some(last) = known.last() else {
        return if oldest.stood.is_none() {
            Ok(ReleaseAction::Nothing)
        } else {
            Err(lost(oldest, "helm knows no such release any more"))
        };
    };
    if !undone.iter().any(|attempt| was_begun(attempt) && changed(attempt)) {
        return Ok(ReleaseAction::Nothing);
    }
    match oldest.stood {
        None => Ok(ReleaseAction::Uninstall),
        Some(stood) if last.revision == stood && last.status == Status::Deployed => {
            Ok(ReleaseAction::Nothing)
        }
        Some(stood) if known.history.iter().any(|one| one.revision == stood) => {
            Ok(ReleaseAction::Rollback { to: stood, force: false })
        }
        Some(stood) => Err(lost(oldest, &format!("its history no longer has revision {stood}"))),
    }
}

fn lost(order: &ReleaseOrder, why: &str) -> Problem {
    Problem::new(
        order.key().to_string(),
        format!("{why}, so there is nothing that it could go back to"),
        "install by hand what is to stand (the attempt's record has its chart and values), or skip the step",
    )
}

/// helm does not know it, and what it has made is there: nothing would be taken back.
fn forgotten(order: &ReleaseOrder, left: &[Key]) -> Problem {
    const SHOWN: usize = 6;
    let ReleaseOrder { name, namespace, .. } = order;
    Problem::new(
        order.key().to_string(),
        format!(
            "helm knows no release {name} in {namespace}, and what it has made is still there: {}",
            few(left, SHOWN)
        ),
        format!(
            "put its record back (a Secret sh.helm.release.v1.{name}.v* in {namespace}, or wherever a helm with \
             another HELM_DRIVER keeps it); or apply the step again, with which helm takes over what bears its \
             marks, and roll it back then"
        ),
    )
}

/// Has the step made the revision, in whichever attempt and however often it was resumed? A rollback does not
/// sign its revision: the journal knows its number.
fn is_ours(revision: &Revision, undone: &[UndoneAttempt], context: &Context) -> bool {
    let signed = undone.iter().any(|attempt| revision.description.starts_with(&signature(&attempt.record)));
    let mut known = context.undoes.iter().chain(&context.superseded).filter_map(Attempt::revision);
    signed || known.any(|known| known == revision.revision)
}

/// Revisions that others have made since: they are taken back as well.
fn foreign_revisions(newest: &ReleaseOrder, known: &Known, is_ours: impl Fn(&Revision) -> bool) -> Vec<Risk> {
    let Some(ours) = newest.comes_to() else { return Vec::new() };
    let later = known.history.iter().filter(|one| one.revision > ours && one.status == Status::Deployed);
    later
        .filter(|one| !is_ours(one))
        .map(|one| Risk {
            kind: RiskKind::Conflict,
            key: Some(newest.key()),
            message: format!(
                "revision {} was made by someone else since ({}, {}), and is taken back as well",
                one.revision, one.updated, one.description
            ),
        })
        .collect()
}

/// CRDs that came with the release.
fn crds_of(undone: &[UndoneAttempt]) -> Vec<Key> {
    let images = undone.iter().flat_map(|attempt| &attempt.record.images);
    let crds = images.filter(|image| image.key.is("apiextensions.k8s.io", "CustomResourceDefinition"));
    let untouched = crds.filter(|image| {
        image
            .applied
            .as_ref()
            .is_some_and(|crd| crd.at(&["metadata", "annotations", "meta.helm.sh/release-name"]).is_none())
    });
    let mut keys: Vec<Key> = untouched.map(|image| image.key.clone()).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Objects as the newest attempt left them.
fn left(undone: &[UndoneAttempt]) -> BTreeMap<Key, Object> {
    let images = undone.first().map(|attempt| attempt.record.images.as_slice()).unwrap_or_default();
    images.iter().filter_map(|image| Some((image.key.clone(), image.expected.clone()?))).collect()
}
