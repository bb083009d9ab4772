//! `migrate-tui check`, for charts: rendered without a cluster, in every environment.

use std::{collections::BTreeMap, path::Path};

use tempfile::TempDir;

use super::{Chart, Helm, Rendering, Workplace};
use crate::{
    diff::Problem,
    plan::{Action, ChartSource, Environment, HelmChart, Plan, Step},
    render::{ChartRendering, Search, chart_folder, values},
};

/// Checks the values of every release of a plan, and renders its charts: those that are folders of the plan,
/// and with `pulls` those from elsewhere too. `tell` is told before a chart is pulled.
pub async fn check_charts(
    plan: &Plan,
    (search, preferred): (&Search, Option<&Path>),
    pulls: bool,
    tell: impl Fn(&str),
) -> (Vec<ChartRendering>, Vec<Problem>) {
    let mut site = Site { plan, place: None, pulls, fetched: BTreeMap::new() };
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for environment in &plan.environments {
        for step in plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps) {
            let Action::Helm(helm) = &step.action else { continue };
            if site.place.is_none() {
                site.place = Some(open(search, preferred).await);
            }
            let looked = site.one(helm, environment, &tell).await;
            let (objects, not_looked_at) = match looked {
                Ok(Looked::Rendered(number)) => (Some(number), None),
                Ok(Looked::Not(reason)) => (None, Some(reason)),
                Err(found) => {
                    let place = format!("{}, {}", environment.name, step.path);
                    problems.extend(found.into_iter().map(|problem| Problem {
                        subject: format!("{place}: {}", problem.subject),
                        ..problem
                    }));
                    (None, None)
                }
            };
            all.push(rendering(environment, &step, helm, objects, not_looked_at));
        }
    }
    (all, problems)
}

fn rendering(
    environment: &Environment,
    step: &Step,
    helm: &HelmChart,
    objects: Option<usize>,
    not_looked_at: Option<String>,
) -> ChartRendering {
    let (environment, step) = (environment.name.0.clone(), step.path.clone());
    ChartRendering { environment, step, chart: helm.chart.to_string(), objects, not_looked_at }
}

async fn open(search: &Search, preferred: Option<&Path>) -> Result<(Workplace, TempDir), Problem> {
    let helm = Helm::detect(search, preferred).await?;
    let folder = TempDir::new().map_err(|error| {
        Problem::new("a folder for helm", error.to_string(), "free space, then try again")
    })?;
    let place = Workplace::new(helm, folder.path(), Err("a check needs no cluster".to_owned()), "")?;
    Ok((place, folder))
}

enum Looked {
    Rendered(usize),
    Not(String),
}

struct Site<'a> {
    plan: &'a Plan,
    place: Option<Result<(Workplace, TempDir), Problem>>,
    pulls: bool,
    /// By where it is from and its version: three environments mean the same chart.
    fetched: BTreeMap<String, Result<Chart, Problem>>,
}

impl Site<'_> {
    async fn one(
        &mut self,
        helm: &HelmChart,
        environment: &Environment,
        tell: &impl Fn(&str),
    ) -> Result<Looked, Vec<Problem>> {
        let merged = values(self.plan, helm)?;
        let folder = match &helm.chart {
            ChartSource::Folder(path) => {
                Some(chart_folder(self.plan, path).map_err(|problem| vec![problem])?)
            }
            _ if self.pulls => None,
            _ => {
                return Ok(Looked::Not(
                    "it comes from elsewhere, and --pull-charts was not given".to_owned(),
                ));
            }
        };
        let place = match &self.place {
            Some(Ok((place, _))) => place,
            Some(Err(problem)) => return Ok(Looked::Not(problem.to_string())),
            None => return Ok(Looked::Not("helm was not looked for".to_owned())),
        };
        let version = helm.version.as_deref().unwrap_or_default();
        let name = format!("{} {version}", helm.chart);
        if !self.fetched.contains_key(&name) {
            if folder.is_none() {
                tell(&format!("pulling chart {name}"));
            }
            let chart = place.fetch(helm, folder.as_deref()).await;
            self.fetched.insert(name.clone(), chart);
        }
        let chart = match self.fetched.get(&name) {
            Some(Ok(chart)) => chart,
            Some(Err(problem)) => return Err(vec![problem.clone()]),
            None => return Ok(Looked::Not("it was not fetched".to_owned())),
        };
        let text = merged.to_string();
        let rendering = Rendering {
            chart,
            release: &helm.release,
            namespace: helm.namespace.as_deref().unwrap_or(&environment.namespace),
            values: &text,
            is_upgrade: false,
            capabilities: None,
            asks_cluster: false,
        };
        place.render_alone(rendering).await.map(|objects| Looked::Rendered(objects.len()))
    }
}
