//! What a helm that was cut off is cleared away with writes over.

use super::{ReleaseRequest, release_look::Looking, release_marks::stamped, release_rows as rows};
use crate::{
    cluster::Planner,
    diff::{Problem, Risk, RiskKind},
    helm::Applied,
    object::Object,
};

/// Fields of others that helm writes over when it goes back to the revision that stands, before it upgrades.
/// Where it writes by server-side apply, they stop it.
pub(super) async fn written_over(
    planner: &Planner,
    request: &ReleaseRequest<'_>,
    standing: &[Object],
    to: u32,
) -> Result<Vec<Risk>, Vec<Problem>> {
    let mut risks = Vec::new();
    if request.applied == Applied::ByServer {
        return Ok(risks);
    }
    let looking = Looking { planner: Some(planner), applied: request.applied, may_force: true };
    for object in standing {
        let object = stamped(object, &request.order);
        let refused = |failure| vec![rows::refused(&object, &failure)];
        let live = planner.reader().live(&object).await.map_err(refused)?;
        if live.is_none() {
            continue;
        }
        let looked = looking.at(&object, None, &[], live).await.map_err(refused)?;
        risks.extend(looked.adoptions.iter().map(|adoption| Risk {
            kind: RiskKind::Conflict,
            key: Some(object.key()),
            message: format!(
                "{} has changed it since, and helm writes over that when it goes back to revision {to}: {}",
                adoption.manager,
                adoption.fields.join(", ")
            ),
        }));
    }
    Ok(risks)
}
