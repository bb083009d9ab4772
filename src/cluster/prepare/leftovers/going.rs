//! What a rollback takes away, and what goes with it because it owes its existence to it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cluster::{Failure, Reader, prepare::release_marks as marks},
    diff::Change,
    object::{Key, Object},
    plan::StepPath,
    rollback::{UndoneAttempt, controller, inverse},
};

/// How far owners are followed.
const DEEPEST: usize = 8;

/// Objects that go, by uid, each with the step that has made it.
#[derive(Default)]
pub(super) struct Going(BTreeMap<String, (StepPath, Object)>);

impl Going {
    /// Of `attempts`, newest first, against what is live.
    pub(super) fn of(attempts: &[&UndoneAttempt], live: &BTreeMap<Key, Object>) -> Self {
        let mut going = Self::default();
        let (releases, plain): (Vec<&UndoneAttempt>, Vec<&UndoneAttempt>) =
            attempts.iter().partition(|attempt| attempt.record.release.is_some());
        let plain: Vec<UndoneAttempt> = plain.into_iter().cloned().collect();
        for undo in inverse(&plain, live).into_iter().filter(|undo| undo.change == Change::Delete) {
            let mut makers =
                plain.iter().filter(|one| one.record.images.iter().any(|image| image.key == undo.key));
            if let (Some(maker), Some(object)) = (makers.next_back(), undo.live) {
                going.put(&maker.record.step, object);
            }
        }
        for attempt in releases {
            let Some(order) = &attempt.record.release else { continue };
            // What a release had before stays when it goes back, and is not the step's when it goes.
            let made =
                attempt.record.images.iter().filter(|image| image.carried && image.change == Change::Create);
            for object in made.filter_map(|image| live.get(&image.key)) {
                if marks::is_of(object, order) && !marks::is_kept(object) {
                    going.put(&attempt.record.step, object.clone());
                }
            }
        }
        going
    }

    fn put(&mut self, step: &StepPath, object: Object) {
        if let Some(uid) = object.uid().map(str::to_owned) {
            self.0.insert(uid, (step.clone(), object));
        }
    }

    /// What goes itself.
    pub(super) fn objects(&self) -> impl Iterator<Item = &(StepPath, Object)> {
        self.0.values()
    }

    /// The namespaces that it is in.
    pub(super) fn namespaces(&self) -> BTreeSet<&str> {
        self.0.values().filter_map(|(_, object)| object.namespace()).collect()
    }

    /// What goes and takes the object with it, the object itself included: its owners are followed.
    pub(super) async fn root(
        &self,
        reader: &Reader,
        object: &Object,
    ) -> Result<Option<&(StepPath, Object)>, Failure> {
        let mut current = object.clone();
        for _ in 0..DEEPEST {
            if let Some(found) = current.uid().and_then(|uid| self.0.get(uid)) {
                return Ok(Some(found));
            }
            let Some((api_version, kind, name, uid)) = controller(&current) else { return Ok(None) };
            if let Some(found) = self.0.get(uid) {
                return Ok(Some(found));
            }
            match reader.get(api_version, kind, current.namespace(), name).await? {
                Some(owner) if owner.uid() == Some(uid) => current = owner,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }
}
