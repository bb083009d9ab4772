//! Makes a batch of news smaller.

use std::collections::HashSet;

use super::{Name, Observation};
use crate::{object::Key, plan::StepPath};

/// What a piece of news is about; later news about the same replaces it.
#[derive(PartialEq, Eq, Hash)]
enum Subject {
    Object(&'static str, String, Name),
    Progress(Key),
    Release(Name),
    Gate(String),
    Lock(StepPath),
    Freshness(&'static str),
    Runs,
    Simulated,
}

/// The batch with only the last news about each object, in an order that comes to the same.
#[must_use]
pub fn coalesce(batch: Vec<Observation>) -> Vec<Observation> {
    let mut seen = HashSet::new();
    let mut kept: Vec<Observation> = batch
        .into_iter()
        .rev()
        .filter(|observation| {
            // What was in progress before a clearing is other progress than after it.
            if matches!(observation, Observation::ProgressCleared) {
                seen.retain(|subject| !matches!(subject, Subject::Progress(_)));
            }
            subject(observation).is_none_or(|subject| seen.insert(subject))
        })
        .collect();
    kept.reverse();
    kept
}

/// `None`: never replaced.
fn subject(observation: &Observation) -> Option<Subject> {
    let object = |pane, kind: &str, name: &Name| Some(Subject::Object(pane, kind.to_owned(), name.clone()));
    match observation {
        Observation::Pod(name, _) => object("Pod", "", name),
        Observation::Workload(kind, name, _) => object("Workload", kind, name),
        Observation::Autoscaler(name, _) => object("Autoscaler", "", name),
        Observation::Ingress(name, _) => object("Ingress", "", name),
        Observation::Issuance(kind, name, _) => object("Issuance", kind, name),
        Observation::Freshness { kind, .. } => Some(Subject::Freshness(kind)),
        Observation::Progress(key, _) => Some(Subject::Progress(key.clone())),
        Observation::Release(name, _) => Some(Subject::Release(name.clone())),
        Observation::Gate { gate, .. } => Some(Subject::Gate(gate.clone())),
        Observation::Lock { step, .. } => Some(Subject::Lock(step.clone())),
        Observation::Runs(_) => Some(Subject::Runs),
        Observation::Simulated(_) => Some(Subject::Simulated),
        Observation::Listed { .. } | Observation::ProgressCleared | Observation::Rehearsal(_) => None,
    }
}
