//! What others have made because of a step: traced while what they made it for is there, remembered by uid
//! after that, and deleted when a rollback is asked to.

mod going;
mod rows;
mod trace;

use std::collections::BTreeSet;

use self::{
    going::Going,
    rows::{Looked, look},
};
use super::{PrepareRequest, Prepared, rollback::lives};
use crate::{
    cluster::{Inventory, Item, Reader},
    diff::{Change, Leftovers, Problem, Risk, RiskKind, Row},
    object::{Key, Object},
    plan::StepPath,
    rollback::{Image, Leftover, UndoneAttempt, claim_size, may_leave},
    words::few,
};

/// How many of those who need a leftover are named.
const SHOWN: usize = 6;

/// What is asked about leftovers.
pub struct LeftoversRequest<'a> {
    /// Step, environment, digests.
    pub base: PrepareRequest<'a>,
    /// The attempts to undo, newest first.
    pub undone: &'a [UndoneAttempt],
    /// Rollback of a stage: attempts of earlier steps that are still to be undone, newest first.
    pub first: &'a [UndoneAttempt],
    /// Those steps.
    pub after: &'a [StepPath],
    /// What rollbacks before this have left, by step.
    pub remembered: &'a [(StepPath, Leftover)],
    /// Every inventory set of the plan in this environment.
    pub inventories: &'a [Inventory],
    /// Do they go?
    pub wish: Leftovers,
}

/// What others have made because of steps, as far as it is there.
#[derive(Default)]
pub struct Traced {
    /// By step; what rollbacks before have left is among it.
    found: Vec<(StepPath, Leftover)>,
    /// It looks like a leftover, and may as well be someone's own: why.
    doubtful: Vec<(StepPath, Key, &'static str)>,
    rows: Vec<(Row, Image)>,
    risks: Vec<Risk>,
    /// Of the step and of those before it in the same request: those that go.
    going: BTreeSet<(Key, String)>,
    /// What was left once and is what somebody uses now, or goes already: known, and no leftover.
    settled: BTreeSet<Key>,
}

impl Traced {
    /// Is it a leftover that goes with this request, of the step or of those before it?
    #[must_use]
    pub fn goes(&self, object: &Object) -> bool {
        object.uid().is_some_and(|uid| self.going.contains(&(object.key(), uid.to_owned())))
    }

    /// The step that has left it and could have it deleted.
    #[must_use]
    pub fn left_by(&self, object: &Object) -> Option<&StepPath> {
        let is_it = |leftover: &Leftover| leftover.key == object.key() && object.uid() == Some(&leftover.uid);
        self.found.iter().find(|(_, leftover)| is_it(leftover)).map(|(step, _)| step)
    }

    /// Why what was shown to go would not go now; `None` when it would.
    #[must_use]
    pub fn why_not(&self, object: &Object) -> Option<String> {
        let key = object.key();
        let said = self.risks.iter().find(|risk| risk.key.as_ref() == Some(&key));
        let reason = said.map_or("it is not there any more", |risk| risk.message.as_str());
        (!self.goes(object)).then(|| format!("{}: {reason}", key.placed()))
    }

    /// The step's own.
    fn own(&self, step: &StepPath) -> Vec<Leftover> {
        self.found.iter().filter(|(of, _)| of == step).map(|(_, leftover)| leftover.clone()).collect()
    }
}

impl LeftoversRequest<'_> {
    fn is_wished(&self, step: &StepPath) -> bool {
        self.wish == Leftovers::Go && (step == &self.base.step.path || self.after.contains(step))
    }

    /// Another step that holds it, and is not undone before.
    fn holder(&self, step: &StepPath, key: &Key) -> Option<&StepPath> {
        let item = self.inventories.iter().find_map(|inventory| inventory.get(key));
        let mut holders = item.into_iter().flat_map(|item| &item.holders).map(|holder| &holder.step);
        holders.find(|other| *other != step && !self.after.contains(other))
    }

    /// Has a release brought it that only goes back to a revision, which has it as well?
    fn is_of_what_stands(&self, step: &StepPath, leftover: &Leftover) -> bool {
        let mut all = self.undone.iter().chain(self.first).map(|attempt| &attempt.record);
        let of_step = all.clone().filter(|record| &record.step == step);
        let oldest = of_step.min_by_key(|record| record.attempt).and_then(|record| record.release.as_ref());
        let stands = oldest.is_some_and(|order| order.stood.is_some() && order.key() == leftover.cause);
        let is_it = |image: &Image| image.key == leftover.key && image.change == Change::Create;
        stands && !all.any(|record| &record.step == step && record.images.iter().any(is_it))
    }

    /// Does an earlier step of the same request hold it?
    fn is_undone_before(&self, object: &Object) -> bool {
        let item = self.inventories.iter().find_map(|inventory| inventory.get(&object.key()));
        let is_before = |item: &Item| item.step().is_some_and(|step| self.after.contains(step));
        item.is_some_and(|item| item.uid.as_deref() == object.uid() && is_before(item))
    }
}

/// Finds what others have made because of what is undone. Reads only.
///
/// # Errors
/// What keeps the cluster from being read.
pub async fn trace(reader: &Reader, request: &LeftoversRequest<'_>) -> Result<Traced, Vec<Problem>> {
    let mut attempts: Vec<&UndoneAttempt> = request.undone.iter().chain(request.first).collect();
    attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.record.attempt));
    let mut images = attempts.iter().flat_map(|attempt| &attempt.record.images);
    let mut traced = Traced { found: request.remembered.to_vec(), ..Traced::default() };
    if !images.any(|image| may_leave(&image.key)) && traced.found.is_empty() {
        return Ok(traced);
    }
    let live = lives(reader, attempts.iter().copied(), leads_to_more).await?;
    let going = Going::of(&attempts, &live);
    let looked = async {
        trace::claims(reader, &going, &mut traced).await?;
        trace::secrets(reader, &going, &mut traced).await?;
        trace::untraced(reader, &attempts, &mut traced).await?;
        trace::of_releases(reader, request, &attempts, &mut traced).await?;
        traced.found.sort();
        traced.found.dedup_by(|one, other| {
            (&one.0, &one.1.key, &one.1.uid) == (&other.0, &other.1.key, &other.1.uid)
        });
        judge(reader, request, &going, &mut traced).await
    };
    let outcome = looked.await;
    match outcome {
        Ok(()) => Ok(traced),
        // A plain rollback does nothing about them.
        Err(failure) if request.wish == Leftovers::Stay => {
            let message =
                format!("what others made because of it could not be looked for: {}", failure.message);
            let risk = Risk { kind: RiskKind::Warning, key: None, message };
            Ok(Traced { risks: vec![risk], ..Traced::default() })
        }
        Err(failure) => Err(vec![Problem::new(
            format!("what others made because of {}", request.base.step.path),
            failure.message,
            failure.kind.remedy(),
        )]),
    }
}

/// Kinds that others make more of, and those that may use what was made.
fn leads_to_more(key: &Key) -> bool {
    may_leave(key) || key.is("", "Pod") || matches!(key.group.as_str(), "apps" | "batch")
}

/// Which of them go, and what is to be said of the others.
async fn judge(
    reader: &Reader,
    request: &LeftoversRequest<'_>,
    going: &Going,
    traced: &mut Traced,
) -> Result<(), crate::cluster::Failure> {
    let own = &request.base.step.path;
    let risk = |kind, key: &Key, message: String| Risk { kind, key: Some(key.clone()), message };
    let mut left = Vec::new();
    for (step, leftover) in std::mem::take(&mut traced.found) {
        let looked = look(reader, request, going, (&step, &leftover)).await?;
        match looked {
            Looked::Gone => continue,
            Looked::Free(live) if request.is_wished(&step) => {
                traced.going.insert((leftover.key.clone(), leftover.uid.clone()));
                if &step == own {
                    let (row, image, risk) = rows::row(reader, request, &leftover, live).await;
                    traced.rows.push((row, image));
                    traced.risks.push(risk);
                }
            }
            Looked::Going(reason) => {
                traced.settled.insert(leftover.key.clone());
                if &step == own {
                    traced.risks.push(risk(RiskKind::Warning, &leftover.key, reason));
                }
            }
            Looked::InUse(_) if request.wish == Leftovers::Stay => {
                traced.settled.insert(leftover.key.clone());
            }
            Looked::InUse(users) | Looked::Used(users) if &step == own => {
                let users = few(&users, SHOWN);
                let message = format!("it stays, for others need it: {users}");
                traced.risks.push(risk(RiskKind::Conflict, &leftover.key, message));
            }
            Looked::Free(live) if &step == own => {
                let size = claim_size(&live).filter(|_| live.kind() == "PersistentVolumeClaim");
                let size = size.map(|size| format!(" ({size})")).unwrap_or_default();
                let message = format!(
                    "it stays{size}, made for {}: L, or `rollback --with-leftovers`, deletes it",
                    leftover.cause
                );
                traced.risks.push(risk(RiskKind::Warning, &leftover.key, message));
            }
            _ => {}
        }
        left.push((step, leftover));
    }
    traced.found = left;
    let is_known = |key: &Key| traced.found.iter().any(|(_, leftover)| leftover.key == *key);
    for (_, key, why) in traced.doubtful.iter().filter(|(step, key, _)| step == own && !is_known(key)) {
        traced.risks.push(risk(
            RiskKind::Conflict,
            key,
            format!("it stays, and is not taken for a leftover: {why}"),
        ));
    }
    Ok(())
}

/// The rollback with what it does about leftovers.
#[must_use]
pub fn amend(request: &PrepareRequest<'_>, prepared: Prepared, traced: Traced) -> Prepared {
    let leftovers = traced.own(&request.step.path);
    let Prepared { proposal, images, release, .. } = prepared;
    let is_named =
        |key: &Key| traced.risks.iter().filter_map(|risk| risk.key.as_ref()).any(|one| is_meant(key, one));
    // What helm leaves is said once, with why; and before what every rollback does.
    let mut risks = traced.risks.clone();
    let is_said = |risk: &Risk| risk.kind == RiskKind::Stays && risk.key.as_ref().is_some_and(is_named);
    risks.extend(proposal.risks.into_iter().filter(|risk| !is_said(risk)));
    let going: BTreeSet<&Key> = traced.rows.iter().map(|(row, _)| &row.key).collect();
    let is_left = |key: &Key| !going.contains(key) && !traced.settled.contains(key);
    let leaves: Vec<Key> = leftovers.iter().map(|leftover| leftover.key.clone()).filter(is_left).collect();
    let mut view = proposal.release;
    if let Some(view) = &mut view {
        view.stays.retain(|key| !leftovers.iter().any(|leftover| is_meant(key, &leftover.key)));
        view.stays.extend(leaves.iter().cloned());
    }
    let rows = proposal.rows.into_iter().zip(images).chain(traced.rows).collect();
    let mut amended = request.propose(proposal.kind, rows, proposal.problems, risks, proposal.validated);
    amended.proposal.renderer = proposal.renderer;
    amended.proposal.namespace = proposal.namespace;
    amended.proposal.release = view;
    amended.proposal.leaves = leaves;
    amended.release = release;
    amended.leftovers = leftovers;
    amended
}

/// Does a key that may end in `*`, as a StatefulSet's claims are named before they are there, mean this one?
fn is_meant(named: &Key, key: &Key) -> bool {
    let has_name =
        named.name.strip_suffix('*').map_or(named.name == key.name, |start| key.name.starts_with(start));
    has_name && (&named.group, &named.kind, &named.namespace) == (&key.group, &key.kind, &key.namespace)
}
