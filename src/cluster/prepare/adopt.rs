//! What an adoption will come to, before it is done.
//!
//! A forced dry run shows values, but not what goes: an entry that the rendering no longer has stays
//! live as long as its former owner holds it. The adoption takes that ownership too, so what it drops
//! is worked out here and validated by the dry run of a PUT.

use crate::{
    cluster::{
        Answer, FIELD_MANAGER, Failure, Planner,
        execute::{Replicas, whole},
    },
    diff::Adoption,
    object::{
        Manager, Object, adopted, dropped, fields_of, managers, set_managers, superseded, taken,
        without_fields,
    },
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
    let mut owners = adopted(live, applied, FIELD_MANAGER, &takes);
    own_what_is_applied(&mut owners, &answer.object);
    let left = without_fields(&answer.object, &gone);
    let mut expected = if left == answer.object {
        left
    } else {
        let mut body = whole(&left, live, Replicas::Float);
        body.metadata_mut().remove("managedFields");
        planner.dry_run_replace(&body).await?.object
    };
    set_managers(&mut expected, &owners);
    Ok((Some(Answer { object: expected, created: false, warnings: answer.warnings }), adoptions))
}

/// Neither the forced apply's owners nor the PUT's are those that will be: the adoption takes more than
/// conflicts, and what of it is not applied belongs to nobody then. A rollback has to know.
fn own_what_is_applied(owners: &mut Vec<Manager>, forced: &Object) {
    let fields = fields_of(forced, FIELD_MANAGER, "Apply");
    match owners.iter_mut().find(|entry| entry.is(FIELD_MANAGER, "Apply")) {
        Some(ours) => ours.fields = fields,
        None => owners.push(Manager::new(FIELD_MANAGER, "Apply", forced.api_version(), fields)),
    }
}
