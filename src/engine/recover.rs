//! Attempts that the journal does not know, as the records in the cluster tell of them.
//!
//! A journal may be lost, cut short, or be another machine's. What the records hold is taken over: step,
//! kind, rows, before-images. Who confirmed an attempt, its notes and the ticks of the checklist are in no
//! record, so they are not known.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attempt, AttemptNumber, Author, Event, Phase, Refusal, RowIntent, Run};
use crate::{diff::Kind, object::Key, plan::StepPath};

/// What records and inventories in the cluster say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survey {
    /// Attempts that have a record; those that the run knows may be left out.
    pub records: Vec<Recorded>,
    /// Who holds which object, by the inventories.
    pub held: Vec<Held>,
    /// What could not be read, and why; `None` when everything could.
    pub unreadable: Option<String>,
}

/// An attempt, as its record tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// The step.
    pub step: StepPath,
    /// Its number in the run that made it.
    pub number: AttemptNumber,
    /// Apply, prune or roll back.
    pub kind: Kind,
    /// Rollback: the attempts that it undoes, by their numbers in the run that made it.
    pub undoes: Vec<AttemptNumber>,
    /// One per object; the digests are not known.
    pub rows: Vec<RowIntent>,
    /// One per row: the object's uid by the inventory.
    pub uids: Vec<Option<String>>,
    /// Where the record is.
    pub record: String,
    /// Who made it.
    pub author: Option<Author>,
    /// When the record was made, by the cluster's clock.
    pub at: Option<Timestamp>,
    /// It came to a good end. Otherwise it failed, was stopped, or somebody is still at it.
    pub is_closed: bool,
}

/// An object that an attempt holds, by an inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The object.
    pub key: Key,
    /// The step that holds it.
    pub step: StepPath,
    /// The attempt, by its number in the run that made it.
    pub attempt: AttemptNumber,
    /// A rollback brought it back and holds it in place of an earlier attempt.
    pub is_back: bool,
}

/// Where a recovered attempt comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its number in the run that made it.
    pub number: AttemptNumber,
    /// Who made it.
    pub author: Option<Author>,
    /// When its record was made.
    pub at: Option<Timestamp>,
    /// Its record said that it came to a good end.
    pub is_closed: bool,
}

impl Origin {
    /// Where the attempt comes from, what it came to, and what is not known of it.
    fn told(&self, kind: Kind) -> String {
        let who = self
            .author
            .as_ref()
            .map_or_else(|| "someone".to_owned(), |by| format!("{}@{}", by.user, by.host));
        let when = self.at.map(|at| format!(" at {at}")).unwrap_or_default();
        let end = if self.is_closed {
            "and it was finished"
        } else {
            "and it was not finished; whether somebody is still at it is not known"
        };
        format!(
            "recovered from the cluster: {who} set out to {kind} it{when}, {end}. Who confirmed it, notes and ticks are \
             only in the journal that it was made with"
        )
    }
}

/// What inventories say beyond what records tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gaps {
    /// The highest number that any attempt in the cluster has; 0 when there is none.
    pub highest: AttemptNumber,
    /// By step: how many objects it holds of which no record tells.
    pub unrecorded: BTreeMap<StepPath, usize>,
    /// What could not be read, and why.
    pub unreadable: Option<String>,
}

impl Gaps {
    /// What is in the dark; `None` when nothing is.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.unreadable.as_ref().map(|reason| {
            format!("what other machines have done with this plan cannot be read from the cluster: {reason}")
        }));
        parts.extend(self.unrecorded.iter().map(|(step, objects)| {
            format!(
                "{step} holds {objects} of the objects in the cluster's inventory, and no record tells more of them"
            )
        }));
        (!parts.is_empty()).then(|| parts.join("\n"))
    }
}

impl Run {
    /// Does the run know the attempt that has this record, and its good end where it came to one?
    #[must_use]
    pub fn knows_record(&self, reference: &str, is_closed: bool) -> bool {
        self.with_record(reference).is_some_and(|own| own.has_finished() || !is_closed)
    }

    fn with_record(&self, reference: &str) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.record.as_deref() == Some(reference))
    }

    /// What inventories say beyond what is known.
    #[must_use]
    pub fn gaps(&self) -> &Gaps {
        &self.gaps
    }

    /// Why it is not known what a step has changed, when neither journal nor records tell of any change.
    #[must_use]
    pub fn in_the_dark(&self, step: &StepPath) -> Option<Refusal> {
        if !self.undo_set(step).is_empty() {
            return None;
        }
        let (step, reason) = (step.clone(), self.gaps.unreadable.clone());
        match (self.gaps.unrecorded.get(&step), reason) {
            (Some(objects), reason) => {
                let reason = reason.unwrap_or_else(|| "its record is not there".to_owned());
                Some(Refusal::NoRecord { step, objects: *objects, reason })
            }
            (None, Some(reason)) if self.attempts_of(&step).all(|own| !own.may_have_written()) => {
                Some(Refusal::NotKnown { step, reason })
            }
            (None, _) => None,
        }
    }

    /// The number after which new attempts go on.
    pub(super) fn highest(&self) -> AttemptNumber {
        let known = self.attempts.iter().map(|attempt| attempt.number.max(attempt.recorded_as()));
        known.max().unwrap_or_default().max(self.gaps.highest)
    }

    /// What was found and is not known: each attempt by itself, then what is still in the dark.
    pub(super) fn recover(&self, survey: Survey) -> Vec<Event> {
        let Survey { records, held, unreadable } = survey;
        let numbers = held.iter().map(|held| held.attempt).chain(records.iter().map(|record| record.number));
        let highest = numbers.max().unwrap_or_default().max(self.gaps.highest);
        let mut unknown: Vec<Recorded> = records.into_iter().filter(|record| !self.knows(record)).collect();
        unknown.sort_by_key(|record| (record.number, record.at));
        let gaps = Gaps { highest, unrecorded: self.unrecorded(&held, &unknown), unreadable };
        let mut covered = self.highest();
        let mut next = covered.max(highest);
        let mut taken: BTreeSet<AttemptNumber> =
            self.attempts.iter().filter(|own| !own.is_nothing()).map(|own| own.number).collect();
        let mut events = Vec::new();
        for record in unknown {
            let attempt = match self.with_record(&record.record) {
                Some(own) => own.number,
                None if taken.insert(record.number) => record.number,
                None => {
                    next = next.next();
                    next
                }
            };
            covered = covered.max(attempt).max(record.number);
            events.push(Event::Recovered { attempt, from: Box::new(record) });
        }
        let is_news = gaps.highest > covered
            || gaps.unrecorded != self.gaps.unrecorded
            || gaps.unreadable != self.gaps.unreadable;
        if is_news {
            events.push(Event::Surveyed { gaps });
        }
        events
    }

    /// By step: how many of the objects that it holds are told of neither by what the run knows nor by
    /// what was found.
    fn unrecorded(&self, held: &[Held], found: &[Recorded]) -> BTreeMap<StepPath, usize> {
        let mut attempts: BTreeSet<(&StepPath, AttemptNumber)> = BTreeSet::new();
        let mut objects: BTreeSet<(&StepPath, &Key)> = BTreeSet::new();
        for own in self.attempts.iter().filter(|own| own.may_have_written()) {
            attempts.insert((&own.step, own.recorded_as()));
            objects.extend(own.rows.iter().map(|(row, _)| (&own.step, &row.key)));
        }
        for record in found {
            attempts.insert((&record.step, record.number));
            objects.extend(record.rows.iter().map(|row| (&record.step, &row.key)));
        }
        let is_told = |held: &&Held| {
            // The record of the rollback that brought it back is gone; those before it tell of the object.
            let is_back = held.is_back && objects.contains(&(&held.step, &held.key));
            is_back || attempts.contains(&(&held.step, held.attempt))
        };
        let dark: BTreeSet<(&StepPath, &Key)> =
            held.iter().filter(|held| !is_told(held)).map(|held| (&held.step, &held.key)).collect();
        let mut counts = BTreeMap::new();
        for (step, _) in dark {
            *counts.entry(step.clone()).or_default() += 1;
        }
        counts
    }

    /// The very record, or that of an attempt whose record was only in a file when it was begun.
    fn knows(&self, record: &Recorded) -> bool {
        self.knows_record(&record.record, record.is_closed)
            || self.attempts_of(&record.step).any(|own| {
                own.recorded_as() == record.number
                    && own.kind == record.kind
                    && own.record.as_deref().is_some_and(|reference| reference.starts_with("file "))
            })
    }
}

impl Attempt {
    /// Its number in the run that made it, by which records and inventories name it.
    #[must_use]
    pub fn recorded_as(&self) -> AttemptNumber {
        self.origin.as_ref().map_or(self.number, |origin| origin.number)
    }

    /// A recovered attempt: where it comes from, and what is not known of it.
    #[must_use]
    pub fn told_origin(&self) -> Option<String> {
        self.origin.as_ref().map(|origin| origin.told(self.kind))
    }

    /// Over, and nothing of it was ever written: its number can be another's.
    fn is_nothing(&self) -> bool {
        self.record.is_none() && matches!(self.phase, Phase::Ended(_))
    }
}
