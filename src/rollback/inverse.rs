//! From the records of what was done to what undoes it, object by object.

use std::collections::BTreeMap;

use super::{Disputed, Image, Record, undo};
use crate::{
    diff::{Change, Wave},
    object::{FieldPath, Key, Manager, Object, managers, meaning},
};

/// One attempt that is undone.
#[derive(Clone, Debug)]
pub struct UndoneAttempt {
    /// What it set out to do.
    pub record: Record,
    /// What became of each of its rows, in their order.
    pub fates: Vec<Fate>,
}

/// What became of a row, as the journal knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was written; with the object's uid afterwards.
    Written(Option<String>),
    /// It was never begun.
    NotWritten,
    /// It was begun, and failed or was cut off.
    Unknown,
}

/// What undoes everything that was done to one object.
#[derive(Clone, PartialEq)]
pub struct Inverse {
    /// The object.
    pub key: Key,
    /// As in `apps/v1`.
    pub api_version: String,
    /// Delete, revert, recreate, or nothing.
    pub change: Change,
    /// When.
    pub wave: Wave,
    /// Live now.
    pub live: Option<Object>,
    /// What it goes back to, whole, with managedFields; `None` when it goes.
    pub target: Option<Object>,
    /// What stays as others made it.
    pub disputed: Vec<Disputed>,
    /// Why it cannot be undone, when it cannot (or not quite).
    pub cannot_undo: Option<String>,
    /// Other managers who have written an object that goes.
    pub goes_with: Vec<String>,
}

/// Where an object stands while changes to it are taken back, newest first.
struct Thread {
    live: Option<Object>,
    current: Option<Object>,
    wave: Wave,
    api_version: String,
    recreate: bool,
    foreign: bool,
    disputed: Vec<Disputed>,
    cannot_undo: Option<String>,
}

/// The inverse of several attempts, newest first, against what is live now. Objects whose key is not in
/// `live` are not there.
#[must_use]
pub fn inverse(attempts: &[UndoneAttempt], live: &BTreeMap<Key, Object>) -> Vec<Inverse> {
    let mut threads: BTreeMap<Key, Thread> = BTreeMap::new();
    for attempt in attempts {
        for (index, image) in attempt.record.images.iter().enumerate() {
            let fate = attempt.fates.get(index).unwrap_or(&Fate::Unknown);
            let thread = threads.entry(image.key.clone()).or_insert_with(|| {
                let live = live.get(&image.key).cloned();
                Thread {
                    current: live.clone(),
                    live,
                    wave: image.wave,
                    api_version: image.api_version.clone(),
                    recreate: false,
                    foreign: false,
                    disputed: Vec::new(),
                    cannot_undo: None,
                }
            });
            if *fate != Fate::NotWritten && !thread.foreign {
                thread.take_back(image, fate);
            }
        }
    }
    let mut inverses: Vec<Inverse> = threads.into_iter().map(|(key, thread)| thread.finish(key)).collect();
    inverses.sort_by(|one, other| (one.wave, &one.key).cmp(&(other.wave, &other.key)));
    inverses
}

impl Thread {
    fn take_back(&mut self, image: &Image, fate: &Fate) {
        match image.change {
            Change::Same | Change::Revert | Change::Recreate => {}
            Change::Create => self.created(fate),
            Change::Change | Change::Adopt => self.changed(image),
            Change::Replace => self.replaced(image, fate),
            Change::Delete => self.deleted(image),
        }
    }

    fn created(&mut self, fate: &Fate) {
        let Some(current) = &self.current else { return };
        let ours = match fate {
            Fate::Written(Some(uid)) => self.recreate || current.uid() == Some(uid),
            _ => made_by_us(current),
        };
        if ours {
            self.current = None;
            self.recreate = false;
        } else {
            let uid = match fate {
                Fate::Written(uid) => uid.clone(),
                _ => None,
            };
            self.leave(uid);
        }
    }

    fn changed(&mut self, image: &Image) {
        let (Some(before), Some(after)) = (&image.before, &image.expected) else {
            self.cannot_undo = Some("its record does not say what it became".to_owned());
            return;
        };
        match &self.current {
            Some(current) if self.recreate || current.uid() == before.uid() => {
                let undone = undo(before, after, current);
                self.current = Some(undone.target);
                self.dispute(undone.disputed);
            }
            _ => self.leave(before.uid().map(str::to_owned)),
        }
    }

    fn replaced(&mut self, image: &Image, fate: &Fate) {
        let Some(before) = &image.before else { return };
        match (&self.current, fate) {
            (Some(current), _) if current.uid() == before.uid() => {}
            (Some(current), Fate::Written(Some(uid))) if !self.recreate && current.uid() != Some(uid) => {
                self.leave(Some(uid.clone()));
            }
            (Some(current), _) => {
                let after = image.expected.as_ref().or(image.applied.as_ref()).unwrap_or(current);
                let undone = undo(before, after, current);
                self.dispute(undone.disputed);
                self.current = Some(undone.target);
                self.recreate = true;
            }
            (None, _) => self.bring_back(before),
        }
    }

    fn deleted(&mut self, image: &Image) {
        let Some(before) = &image.before else { return };
        match &self.current {
            None => self.bring_back(before),
            Some(current) if current.uid() == before.uid() => {}
            Some(_) => self.leave(before.uid().map(str::to_owned)),
        }
    }

    fn bring_back(&mut self, before: &Object) {
        match lost_for_good(before) {
            Some((reason, Lost::All)) => self.cannot_undo = Some(reason),
            lost => {
                self.cannot_undo = lost.map(|(reason, _)| reason);
                self.current = Some(before.clone());
                self.recreate = true;
            }
        }
    }

    fn dispute(&mut self, disputed: Vec<Disputed>) {
        for dispute in disputed {
            match self.disputed.iter_mut().find(|known| known.path == dispute.path) {
                // The older change knows better what was there before.
                Some(known) => known.before = dispute.before,
                None => self.disputed.push(dispute),
            }
        }
    }

    /// Something else has the name now, or nothing: it is left alone.
    fn leave(&mut self, uid: Option<String>) {
        self.foreign = true;
        self.current.clone_from(&self.live);
        self.recreate = false;
        let live = self.live.as_ref().and_then(Object::uid).map(Into::into);
        self.disputed = vec![Disputed {
            path: FieldPath::of_fields(&["metadata", "uid"]),
            before: None,
            after: uid.map(Into::into),
            live,
        }];
    }

    fn finish(mut self, key: Key) -> Inverse {
        let change = match (&self.live, &self.current) {
            (None, None) => Change::Same,
            (Some(_), None) => Change::Delete,
            (None, Some(_)) => Change::Recreate,
            (Some(_), Some(_)) if self.recreate => Change::Recreate,
            (Some(live), Some(target)) if meaning(live) == meaning(target) && same_owners(live, target) => {
                Change::Same
            }
            (Some(live), Some(target)) => match barred(live, target) {
                Some(reason) => {
                    self.cannot_undo = Some(reason);
                    Change::Same
                }
                None => Change::Revert,
            },
        };
        let goes_with = match (&self.live, change) {
            (Some(live), Change::Delete) => foreign_writers(live),
            _ => Vec::new(),
        };
        Inverse {
            wave: wave(&key, self.wave, change),
            key,
            api_version: self.api_version,
            change,
            live: self.live,
            target: self.current,
            disputed: self.disputed,
            cannot_undo: self.cannot_undo,
            goes_with,
        }
    }
}

/// How much of an object is lost once it was deleted.
enum Lost {
    All,
    Part,
}

fn lost_for_good(before: &Object) -> Option<(String, Lost)> {
    match (before.group(), before.kind()) {
        ("batch", "Job") => Some(("a Job that has run is not run again".to_owned(), Lost::All)),
        ("", "Pod") => {
            Some(("a pod without a controller does not come back as it was".to_owned(), Lost::All))
        }
        ("", "PersistentVolumeClaim") => {
            Some(("the claim comes back, its data does not: it went with the volume".to_owned(), Lost::Part))
        }
        ("", "Namespace") => Some(("what was in the namespace does not come back".to_owned(), Lost::Part)),
        _ => None,
    }
}

/// Why the API server would never let it go back in place.
fn barred(live: &Object, target: &Object) -> Option<String> {
    let immutable = live.at(&["immutable"]).and_then(serde_json::Value::as_bool) == Some(true);
    if immutable && live.at(&["data"]) != target.at(&["data"]) {
        return Some("it is immutable now: its data cannot go back in place".to_owned());
    }
    if immutable && target.at(&["immutable"]) != live.at(&["immutable"]) {
        return Some("it is immutable now, which cannot be taken back".to_owned());
    }
    let storage = ["spec", "resources", "requests", "storage"];
    if live.kind() == "PersistentVolumeClaim" && live.at(&storage) != target.at(&storage) {
        return Some("a claim does not shrink: its size stays".to_owned());
    }
    None
}

/// When it is undone; `applied` is the wave that it was applied in.
fn wave(key: &Key, applied: Wave, change: Change) -> Wave {
    match (change, applied) {
        (Change::Delete, _) if key.is("autoscaling", "HorizontalPodAutoscaler") => Wave::UndoScaling,
        (Change::Delete, Wave::Webhooks) => Wave::UndoScaling,
        (Change::Delete, Wave::Foundations) => Wave::DeleteFoundations,
        (Change::Delete, Wave::Configuration | Wave::AllowPolicies) => Wave::DeleteConfiguration,
        (Change::Delete, _) => Wave::UndoCreates,
        (Change::Recreate, _) => Wave::UndoPrune,
        _ => Wave::UndoChanges,
    }
}

fn same_owners(one: &Object, other: &Object) -> bool {
    let (one, other) = (managers(one), managers(other));
    let known = |entry: &Manager, others: &[Manager]| {
        others.iter().any(|peer| peer.same_writer(entry) && peer.fields == entry.fields)
    };
    one.len() == other.len() && one.iter().all(|entry| known(entry, &other))
}

/// Cut off, it is ours when we have applied it and nobody else has written it before.
fn made_by_us(live: &Object) -> bool {
    let entries = managers(live);
    let Some(ours) = entries.iter().find(|entry| entry.is("migrate-tui", "Apply")) else { return false };
    entries
        .iter()
        .filter(|entry| entry.subresource.is_none() && !entry.name.starts_with("migrate-tui"))
        .all(|entry| entry.time > ours.time)
}

/// Who but us and the cluster's controllers has written an object.
fn foreign_writers(live: &Object) -> Vec<String> {
    let mut names: Vec<String> = managers(live)
        .into_iter()
        .filter(|entry| entry.subresource.is_none())
        .map(|entry| entry.name)
        .filter(|name| !name.starts_with("migrate-tui") && !name.starts_with("kube-"))
        .collect();
    names.dedup();
    names
}
