//! A release, taken back: to the revision that stood before, or away.

use std::collections::BTreeMap;

use super::{
    Executor,
    helm::{Known, Wanted},
    release_hooks,
    release_same::applied,
    release_view::{facts, told_to, view},
};
use crate::{
    cluster::{Inventory, Prepared, ReleaseRequest, prepare_release},
    diff::{Kind, Problem, Risk, RiskKind},
    helm::{Rendered, Status},
    object::{Key, Object},
    plan::Step,
    rollback::{Fate, ReleaseAction, ReleaseOrder, UndoneAttempt},
};

impl Executor {
    pub(super) async fn prepare_release_rollback(
        &self,
        step: &Step,
        undone: &[UndoneAttempt],
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
        let known = self.known(&oldest.name, &oldest.namespace, Wanted::Last).await.map_err(one)?;
        let mut stuck = self.stuck(step, &known, &oldest.name);
        // helm goes back from any state by itself.
        stuck.recovery = None;
        stuck.risks.retain(|risk| risk.kind != RiskKind::Warning);
        let action = action(undone, oldest, &known).map_err(one)?;
        stuck.risks.extend(foreign_revisions(newest, &known));
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
        let target = match &action {
            ReleaseAction::Rollback { to, .. } => {
                known.history.iter().find(|one| one.revision == *to).cloned()
            }
            _ => None,
        };
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
        let facts = match &target {
            Some(target) => facts(&known, &order, &target.chart, Some(&target.app_version)),
            None => facts(&known, &order, "", None)
                .into_iter()
                .map(|(name, before, _)| (name, before, None))
                .collect(),
        };
        if order.action == ReleaseAction::Uninstall {
            stuck.risks.extend(shown.stays.iter().map(|key| Risk {
                kind: RiskKind::CannotUndo,
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
            order,
            rendered,
            standing: known.release.map(|release| release.objects),
            applied,
            is_same_chart: false,
            facts,
            left: left(undone),
            view: shown,
            problems: stuck.problems,
            risks: stuck.risks,
        };
        prepare_release(self.hands.reader(), Some(writer.planner()), request).await
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

/// Revisions that others have made since: they are taken back as well.
fn foreign_revisions(newest: &ReleaseOrder, known: &Known) -> Vec<Risk> {
    let Some(ours) = newest.comes_to() else { return Vec::new() };
    let later = known.history.iter().filter(|one| one.revision > ours && one.status == Status::Deployed);
    later
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
