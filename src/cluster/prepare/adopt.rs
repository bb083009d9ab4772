//! What an adoption will come to, before it is done.
//!
//! A forced dry run shows values, but not what goes: an entry that the rendering no longer has stays
//! live as long as its former owner holds it. The adoption takes that ownership too, so what it drops
//! is worked out here and validated by the dry run of a PUT.

use crate::{
    cluster::{
        Answer, FIELD_MANAGER, Failure, FailureKind, Planner,
        execute::{Replicas, whole},
    },
    diff::Adoption,
    object::{Object, dropped, fields_of, managers, set_managers, superseded, taken, without_fields},
};

/// The answer to expect and the fields that are taken over, `conflicts` being those that the API server
/// itself has named.
pub(super) async fn foresee(
    planner: &Planner,
    applied: &Object,
    live: &Object,
    answer: Answer,
    conflicts: Vec<Adoption>,
) -> Result<(Option<Answer>, Vec<Adoption>), Failure> {
    let takes = taken(live, applied, FIELD_MANAGER);
    if takes.is_empty() && superseded(live, applied).is_empty() {
        return Ok((Some(answer), conflicts));
    }
    let adoptions = takes
        .iter()
        .map(|take| Adoption {
            manager: take.manager.clone(),
            operation: take.operation.clone(),
            fields: take.fields.leaves().iter().map(ToString::to_string).collect(),
        })
        .collect();
    let gone = dropped(live, applied, FIELD_MANAGER, &takes);
    let left = without_fields(&answer.object, &gone);
    if left == answer.object {
        return Ok((Some(answer), adoptions));
    }
    let mut body = whole(&left, live, Replicas::Float);
    body.metadata_mut().remove("managedFields");
    let validated = match planner.dry_run_replace(&body).await {
        // A busy object's status has moved; its meaning is checked again before anything is written.
        Err(failure) if failure.kind == FailureKind::Conflict => {
            body.metadata_mut().remove("resourceVersion");
            planner.dry_run_replace(&body).await?
        }
        other => other?,
    };
    let mut expected = validated.object;
    own_what_is_applied(&mut expected, &answer.object);
    Ok((Some(Answer { object: expected, created: false, warnings: answer.warnings }), adoptions))
}

/// The PUT's owners are of no use; the forced apply's are those that will be.
fn own_what_is_applied(expected: &mut Object, forced: &Object) {
    let ours = fields_of(forced, FIELD_MANAGER, "Apply");
    let mut entries = managers(forced);
    for entry in &mut entries {
        if entry.is(FIELD_MANAGER, "Apply") {
            entry.fields = ours.clone();
        }
    }
    set_managers(expected, &entries);
}
