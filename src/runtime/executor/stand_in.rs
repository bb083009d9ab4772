//! In a rehearsal, a chart's place is taken by a stand-in.

use super::Executor;
use crate::{
    diff::{Problem, Risk, RiskKind},
    plan::{ChartSource, HelmChart},
};

impl Executor {
    /// The same with the rehearsal's stand-in for the chart, and what is to be said of it; `None` where the
    /// chart is taken from where the plan has it.
    pub(super) async fn stood_in(&self, helm: &HelmChart) -> Result<Option<(HelmChart, Risk)>, Problem> {
        let Some(stand_ins) = &self.helm.stand_ins else { return Ok(None) };
        let name = match &helm.chart {
            ChartSource::Folder(_) => return Ok(None),
            ChartSource::Registry(address) => address.rsplit('/').next().unwrap_or_default(),
            ChartSource::Repository { name, .. } => name,
        };
        let version = helm.version.as_deref().unwrap_or_default();
        let provided = stand_ins.provide(name, version);
        let address = self.telling(&helm.release, "making its stand-in chart", provided).await?;
        let message = format!(
            "stand-in chart: the rehearsal's own in place of {} {version}; it makes objects of the same names and \
             kinds, and runs no software",
            helm.chart
        );
        let risk = Risk { kind: RiskKind::Warning, key: None, message };
        Ok(Some((HelmChart { chart: ChartSource::Registry(address), ..helm.clone() }, risk)))
    }
}
