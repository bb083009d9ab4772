//! Claims that are there already when the StatefulSet comes that they are named for.

use crate::{
    cluster::{Reader, contents},
    diff::{Change, Risk, RiskKind, Row},
    rollback::{Image, claim_size, is_made_for},
};

/// Of every StatefulSet that is to be created: the claims that it takes over, with the data in them. What may
/// not be listed is not told.
pub(super) async fn taken_over(reader: &Reader, rows: &[(Row, Image)]) -> Vec<Risk> {
    let mut risks = Vec::new();
    for (row, image) in rows {
        let set = image.applied.as_ref().filter(|_| image.change == Change::Create);
        let Some(set) = set.filter(|_| row.key.is("apps", "StatefulSet")) else { continue };
        let near = set.namespace();
        let claims = reader.list("v1", "PersistentVolumeClaim", near, None).await.unwrap_or_default();
        for claim in claims.iter().filter(|claim| is_made_for(&claim.key(), set)) {
            let size = claim_size(claim).map(|size| format!(" ({size})")).unwrap_or_default();
            let since = claim.text(&["metadata", "creationTimestamp"]).unwrap_or("earlier");
            let message = format!(
                "it is there since {since}{size}: {} takes it over, with the data in it",
                contents::describe(set)
            );
            risks.push(Risk { kind: RiskKind::Warning, key: Some(claim.key()), message });
        }
    }
    risks
}
