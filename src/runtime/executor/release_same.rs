//! Is a release what a chart would make of it, and how does helm write it?

use serde_json::Value;

use super::helm::Known;
use crate::{
    cluster::same_objects,
    helm::{Applied, Chart, Release, Rendered, Status},
};

/// Is the newest revision of this chart and these values, and does it stand?
pub(super) fn is_same(known: &Known, chart: &Chart, values: &Value, rendered: &Rendered) -> bool {
    let (Some(release), Some(last)) = (&known.release, known.last()) else { return false };
    last.revision == release.revision
        && last.status == Status::Deployed
        && last.chart == format!("{}-{}", chart.name, chart.version)
        && same_values(&release.values, values)
        && same_objects(&release.objects, &rendered.objects, &rendered.made_anew)
}

/// How a helm of this generation writes: a later one goes on as the revision was written that it goes by.
pub(super) fn applied(release: Option<&Release>, generation: u64) -> Applied {
    match (release, generation) {
        (_, 3) => Applied::ByClient,
        (Some(release), _) => release.applied,
        (None, _) => Applied::ByServer,
    }
}

/// Empty values and none are the same to helm.
fn same_values(one: &Value, other: &Value) -> bool {
    let is_empty =
        |value: &Value| value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
    one == other || (is_empty(one) && is_empty(other))
}
