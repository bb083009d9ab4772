//! Waits for objects to become ready.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::{StreamExt, stream};
use tokio::time::Instant;

use crate::{
    cluster::{
        Failure, FailureKind, Reader,
        watch::{Around, around, log_tail},
    },
    diff::Problem,
    object::{Key, Object},
    readiness::{PodFacts, Readiness, Related, assess, bearable, remedy},
};

/// An object that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Awaited {
    /// The object.
    pub key: Key,
    /// As in `apps/v1`.
    pub api_version: String,
}

/// Objects looked at, at once.
const PARALLEL_LOOKS: usize = 8;

/// More than this many of a kind in a namespace are listed rather than read one by one.
const LIST_FROM: usize = 6;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// How often an object's pods and events are asked why it is not ready, and how many objects at once:
/// what a person reads need not be newer, and a large step must not become a load of its own.
const EXPLAIN_EVERY: Duration = Duration::from_secs(2);
const EXPLAIN_AT_ONCE: usize = 16;

/// How long an object may be gone before it counts as taken away by someone.
const GONE_FOR: Duration = Duration::from_secs(10);

/// After how long, or after which part of the deadline, what can be borne (an Ingress without an address)
/// is let go with a warning.
const BORNE_AFTER: Duration = Duration::from_mins(1);

/// Waits until each object has been ready, one of them has failed for good, or the deadline passes.
/// `progress` is told where an object stands whenever that changes. Each object is waited for until it
/// has been seen ready once: a pod that dies afterwards does not start the wait anew.
///
/// # Errors
/// A [`Problem`] for each object that is not ready: what, why (with events and the last log lines),
/// and what to do.
pub async fn wait_ready(
    reader: &Reader,
    objects: &[Awaited],
    deadline: Duration,
    progress: impl Fn(Key, Readiness),
) -> Result<(), Vec<Problem>> {
    let begun = Instant::now();
    let until = begun + deadline;
    let mut pending: BTreeMap<Awaited, Looked> =
        objects.iter().map(|awaited| (awaited.clone(), Looked::default())).collect();
    loop {
        let is_due = |looked: &Looked| looked.explained.is_none_or(|at| at.elapsed() >= EXPLAIN_EVERY);
        let due = pending.iter().filter(|(_, looked)| is_due(looked)).map(|(awaited, _)| awaited.clone());
        let explain: BTreeSet<Awaited> = due.take(EXPLAIN_AT_ONCE).collect();
        let looks = look(reader, pending.keys().cloned().collect(), &explain).await;
        let mut has_failed = false;
        for (awaited, found) in looks {
            let Some(looked) = pending.get_mut(&awaited) else { continue };
            looked.take(found, begun.elapsed() >= BORNE_AFTER.min(deadline / 2));
            has_failed |= looked.is_hopeless();
            let readiness = looked.readiness.clone().unwrap_or(Readiness::Gone);
            if looked.said.as_ref() != Some(&readiness) {
                progress(awaited.key.clone(), readiness.clone());
                looked.said = Some(readiness.clone());
            }
            if readiness.is_ready() {
                pending.remove(&awaited);
            }
        }
        if pending.is_empty() {
            return Ok(());
        }
        if has_failed || Instant::now() + PAUSE > until {
            return Err(problems(reader, pending, has_failed, deadline).await);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What is known of an object that is waited for.
#[derive(Default)]
struct Looked {
    around: Around,
    explained: Option<Instant>,
    readiness: Option<Readiness>,
    said: Option<Readiness>,
    refusal: Option<Failure>,
    gone_since: Option<Instant>,
}

/// One look at an object: it and, when that was asked for, what stands around it; or why it cannot be
/// seen.
type Look = Result<Option<(Object, Option<Around>)>, Failure>;

impl Looked {
    fn take(&mut self, look: Look, is_borne: bool) {
        self.refusal = None;
        match look {
            Ok(Some((object, around))) => {
                if let Some(around) = around {
                    self.around = around;
                    self.explained = Some(Instant::now());
                }
                let readiness = assess(&object, &self.around.related());
                let borne = bearable(&object).filter(|_| is_borne);
                self.readiness =
                    Some(borne.map_or(readiness, |warning| Readiness::ReadyWithWarning { warning }));
            }
            Ok(None) => self.readiness = Some(Readiness::Gone),
            // What it was before an outage is no news of now.
            Err(failure) => {
                self.readiness = Some(Readiness::Progressing { reason: failure.message.clone() });
                self.refusal = Some(failure);
            }
        }
        if self.readiness == Some(Readiness::Gone) {
            self.gone_since.get_or_insert_with(Instant::now);
        } else {
            self.gone_since = None;
        }
    }

    /// Will waiting not help?
    fn is_hopeless(&self) -> bool {
        matches!(self.readiness, Some(Readiness::Failed { .. }))
            || self.gone_since.is_some_and(|since| since.elapsed() > GONE_FOR)
            || self.refusal.as_ref().is_some_and(|failure| {
                matches!(failure.kind, FailureKind::Forbidden | FailureKind::Unauthorized)
            })
    }
}

/// Looks at all of them once. Many of a kind cost one list.
async fn look(reader: &Reader, wanted: Vec<Awaited>, explain: &BTreeSet<Awaited>) -> Vec<(Awaited, Look)> {
    let mut groups: BTreeMap<(String, String, Option<String>), BTreeSet<Awaited>> = BTreeMap::new();
    for awaited in wanted {
        let kind = (awaited.api_version.clone(), awaited.key.kind.clone(), awaited.key.namespace.clone());
        groups.entry(kind).or_default().insert(awaited);
    }
    let mut found = Vec::new();
    let mut singles = Vec::new();
    for ((api_version, kind, namespace), group) in groups {
        // A list of Secrets would carry every value of the namespace; they are ready at once anyway.
        if group.len() < LIST_FROM || kind == "Secret" {
            singles.extend(group);
            continue;
        }
        match reader.list(&api_version, &kind, namespace.as_deref(), None).await {
            Ok(objects) => {
                let mut by_name: BTreeMap<String, Object> =
                    objects.into_iter().map(|object| (object.name().to_owned(), object)).collect();
                found.extend(group.into_iter().map(|awaited| {
                    let object = by_name.remove(&awaited.key.name);
                    (awaited, Ok(object))
                }));
            }
            // Reading one by one needs less of a right than listing.
            Err(_) => singles.extend(group),
        }
    }
    let read = stream::iter(singles.into_iter().map(|awaited| async move {
        let key = &awaited.key;
        let got = reader.by_key(&awaited.api_version, key).await;
        (awaited, got)
    }));
    found.extend(read.buffer_unordered(PARALLEL_LOOKS).collect::<Vec<_>>().await);
    let explained = stream::iter(found.into_iter().map(|(awaited, got)| async move {
        let look = match got {
            Ok(Some(object)) => {
                let is_ready = assess(&object, &Related::default()).is_ready();
                let around = if !is_ready && explain.contains(&awaited) {
                    Some(around(reader, &object).await)
                } else {
                    None
                };
                Ok(Some((object, around)))
            }
            Ok(None) => Ok(None),
            Err(failure) => Err(failure),
        };
        (awaited, look)
    }));
    explained.buffer_unordered(PARALLEL_LOOKS).collect().await
}

/// The problems of what is not ready: of a failure only those that failed, at the deadline all.
async fn problems(
    reader: &Reader,
    pending: BTreeMap<Awaited, Looked>,
    has_failed: bool,
    deadline: Duration,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (awaited, looked) in pending {
        if has_failed && !looked.is_hopeless() {
            continue;
        }
        let looked = once_more(reader, &awaited, looked, has_failed).await;
        let subject = awaited.key.to_string();
        if let Some(failure) = &looked.refusal {
            problems.push(Problem::new(subject, failure.message.clone(), failure.kind.remedy()));
            continue;
        }
        let reason = looked.readiness.as_ref().and_then(Readiness::reason).unwrap_or("not looked at");
        if looked.readiness == Some(Readiness::Gone) {
            let remedy = "someone deleted it: look at the changes again, or roll back";
            problems.push(Problem::new(subject, reason, remedy));
            continue;
        }
        let mut reason = if has_failed {
            reason.to_owned()
        } else {
            format!("not ready within {} s: {reason}", deadline.as_secs())
        };
        if let Some(lines) = last_words(reader, &looked.around).await {
            reason = format!("{reason}; {lines}");
        }
        problems.push(Problem::new(subject, reason, remedy(&looked.around.related())));
    }
    problems
}

/// The same, with what stands around it now: what is told at the end goes by that, unless it is well by now.
async fn once_more(reader: &Reader, awaited: &Awaited, looked: Looked, has_failed: bool) -> Looked {
    let Ok(Some(object)) = reader.by_key(&awaited.api_version, &awaited.key).await else { return looked };
    let around = around(reader, &object).await;
    let mut now = Looked::default();
    now.take(Ok(Some((object, Some(around)))), false);
    let is_well = now.readiness.as_ref().is_none_or(Readiness::is_ready);
    if is_well || (has_failed && !now.is_hopeless()) { looked } else { now }
}

/// The last lines that a container which is not ready has written.
async fn last_words(reader: &Reader, around: &Around) -> Option<String> {
    const SHOWN: usize = 3;
    for pod in &around.pods {
        let facts = PodFacts::of(pod);
        if facts.is_terminating || facts.is_ready() {
            continue;
        }
        let statuses = facts.status.init_container_statuses.iter().chain(&facts.status.container_statuses);
        for container in statuses.filter(|container| !container.ready && container.has_run()) {
            let previous = container.state.running.is_none() && container.last_state.terminated.is_some();
            let lines = log_tail(reader, pod, &container.name, previous).await;
            let from = lines.len().saturating_sub(SHOWN);
            if let Some(lines) = lines.get(from..).filter(|lines| !lines.is_empty()) {
                return Some(format!("{} last wrote: {}", facts.name, lines.join(" | ")));
            }
        }
    }
    None
}
