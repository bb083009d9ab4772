//! One object, looked at: live, dry run, and what both come to.

use serde_json::Value;

use super::{adopt, row::without_replicas};
use crate::{
    cluster::{Answer, Cause, Failure, FailureKind, Planner},
    diff::Adoption,
    object::{Object, is_secret, superseded, with_strategy_meant, with_strategy_of},
};

/// How the API server says that a field is as it is.
const IMMUTABLE_WORDS: [&str; 6] = [
    "immutable",
    "updates to",
    "may not change",
    "may not be changed",
    "cannot change",
    "can not be changed",
];

/// How often live and dry run are read again when they turn out to be from different moments.
pub(super) const TRIES: usize = 8;

/// What the API server says of one object.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) live: Option<Object>,
    pub(super) expected: Option<Object>,
    pub(super) warnings: Vec<String>,
    pub(super) adoptions: Vec<Adoption>,
    pub(super) replace: Option<String>,
    /// What is sent instead: without the replicas that someone scaled by hand.
    pub(super) sent: Option<Object>,
    /// Who scaled it.
    pub(super) scaled_by: Option<String>,
}

/// Reads what the apply would make of the live object, and the live object again until both are from the
/// same moment; `live` is what it was just now.
pub(super) async fn look(
    planner: &Planner,
    applied: &Object,
    live: Option<Object>,
) -> Result<Looked, Failure> {
    let (mut sent, mut scaled_by) = (None, None);
    let mut known = Some(live);
    for _ in 0..TRIES {
        let object = sent.as_ref().unwrap_or(applied);
        let live = async {
            match known.take() {
                Some(live) => Ok(live),
                None => planner.reader().live(object).await,
            }
        };
        let (live, dry) = tokio::join!(live, planner.dry_run(object));
        let live = live?;
        if let Err(failure) = &dry
            && let Some(manager) = scaler(failure)
        {
            scaled_by = Some(format!("{manager}, by its scale"));
            sent = Some(without_replicas(object));
            continue;
        }
        let Some((answer, adoptions, replace)) = answered(planner, object, live.as_ref(), dry).await? else {
            continue;
        };
        let (mut expected, warnings) =
            answer.map_or((None, Vec::new()), |answer| (Some(answer.object), answer.warnings));
        if let (Some(live), Some(expected)) = (&live, &mut expected) {
            keep_replicas(object, live, expected);
        }
        return Ok(Looked { live, expected, warnings, adoptions, replace, sent, scaled_by });
    }
    Err(restless())
}

/// Live and dry run never came from the same moment.
pub(super) fn restless() -> Failure {
    Failure::without_answer(
        FailureKind::Conflict,
        format!("it was changed again each of the {TRIES} times that it was looked at"),
    )
}

/// Is a dry run's answer about the live object as it was read?
pub(super) fn is_same_moment(answer: &Answer, live: Option<&Object>) -> bool {
    match live {
        None => answer.created,
        Some(live) => {
            live.uid() == answer.object.uid() && live.resource_version() == answer.object.resource_version()
        }
    }
}

type Answered = (Option<Answer>, Vec<Adoption>, Option<String>);

/// What the dry run comes to: an outcome, fields to adopt, or why it must be replaced. `None`: it and the
/// live object are from different moments.
async fn answered(
    planner: &Planner,
    applied: &Object,
    live: Option<&Object>,
    dry: Result<Answer, Failure>,
) -> Result<Option<Answered>, Failure> {
    let softened =
        live.filter(|live| !superseded(live, applied).is_empty()).map(|live| with_strategy_of(live, applied));
    let sent = softened.as_ref().unwrap_or(applied);
    let (dry, conflicts) = match dry {
        Err(failure) if failure.kind == FailureKind::FieldConflict => {
            let forced = planner.dry_run_forced(sent, crate::cluster::FIELD_MANAGER).await;
            (forced, adoptions(&failure))
        }
        // Refused beside what the API server filled in for the old strategy; that goes with the apply.
        Err(failure) if failure.kind == FailureKind::Invalid && softened.is_some() => {
            (planner.dry_run(sent).await, Vec::new())
        }
        other => (other, Vec::new()),
    };
    let answer = match dry {
        Ok(answer) => Answer { object: with_strategy_meant(&answer.object, applied), ..answer },
        Err(failure) => {
            return match immutable(&failure, is_secret(applied)).filter(|_| live.is_some()) {
                Some(reason) => Ok(Some((None, conflicts, Some(reason)))),
                None => Err(failure),
            };
        }
    };
    if !is_same_moment(&answer, live) {
        return Ok(None);
    }
    let Some(live) = live else { return Ok(Some((Some(answer), conflicts, None))) };
    match adopt::foresee(planner, applied, live, answer, conflicts).await {
        Ok((answer, adoptions)) => Ok(Some((answer, adoptions, None))),
        // The dry run of a PUT was of a later moment than the apply's.
        Err(failure) if failure.kind == FailureKind::Conflict => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Who scaled the object through its scale subresource and so owns the replicas that we send. They are
/// left to them: whoever scaled it had a reason, and may be an autoscaler that we do not know.
fn scaler(failure: &Failure) -> Option<String> {
    let cause = failure.causes.iter().find(|cause| {
        cause.reason == "FieldManagerConflict"
            && cause.field == ".spec.replicas"
            && cause.message.contains("subresource \"scale\"")
    })?;
    cause.manager().map(str::to_owned)
}

/// Replicas that are not sent stay: where we own them they are handed over before the apply, which a dry
/// run cannot know.
fn keep_replicas(applied: &Object, live: &Object, expected: &mut Object) {
    if applied.at(&["spec", "replicas"]).is_none()
        && let Some(replicas) = live.at(&["spec", "replicas"])
        && let Some(Value::Object(spec)) = expected.0.get_mut("spec")
    {
        spec.insert("replicas".to_owned(), replicas.clone());
    }
}

pub(super) fn adoptions(failure: &Failure) -> Vec<Adoption> {
    let mut found: Vec<Adoption> = Vec::new();
    for cause in failure.causes.iter().filter(|cause| cause.reason == "FieldManagerConflict") {
        // `conflict with "kubectl-client-side-apply" using apps/v1`; the operation is named only for others
        // than Apply: `conflict with "kubectl" with subresource "scale" using …`.
        let manager = cause.manager().unwrap_or("someone").to_owned();
        let operation = if cause.message.contains(" using ") { "Update" } else { "Apply" };
        let field = cause.path().to_owned();
        match found.iter_mut().find(|adoption| adoption.manager == manager) {
            Some(adoption) => adoption.fields.push(field),
            None => found.push(Adoption { manager, operation: operation.to_owned(), fields: vec![field] }),
        }
    }
    found
}

/// Why a field cannot be changed in place, when that is all that the API server says.
pub(super) fn immutable(failure: &Failure, secret: bool) -> Option<String> {
    if failure.code != Some(422) || failure.causes.is_empty() {
        return None;
    }
    let fixed = |cause: &Cause| {
        // The words about a Secret are withheld; its type and its sealed data are all that cannot change.
        secret && ["type", "data", "immutable"].contains(&cause.field.as_str())
            || IMMUTABLE_WORDS.iter().any(|words| cause.message.contains(words))
    };
    if !failure.causes.iter().all(fixed) {
        return None;
    }
    let told: Vec<String> =
        failure.causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
    Some(told.join("; "))
}
