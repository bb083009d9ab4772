//! `migrate-tui check`: everything that can be known of a plan without a cluster.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
};

use futures::{StreamExt, stream};
use serde::Serialize;

use super::{
    lint::{StepKeys, overlaps},
    load::load,
    renderer::{Renderer, render},
};
use crate::{
    diff::Problem,
    object::{Key, Object},
    plan::{Action, Diagnostic, Environment, Plan, Step, StepPath},
    words::count,
};

/// Each is a program with an appetite for a core.
const RENDERED_AT_ONCE: usize = 4;

/// What was checked and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The plan, as the caller named it.
    pub plan: PathBuf,
    /// Errors of the plan file and of the kustomizations that it stands on.
    pub diagnostics: Vec<Diagnostic>,
    /// What rendering its steps has shown.
    pub problems: Vec<Problem>,
    /// Whether that was done.
    pub rendering: Rendering,
    /// What became of its charts.
    pub charts: Vec<ChartRendering>,
}

/// One release's chart, rendered in one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartRendering {
    /// The environment's name.
    pub environment: String,
    /// The step.
    pub step: StepPath,
    /// Where the chart is from.
    pub chart: String,
    /// How many objects came out; `None` when it did not render, or was not looked at.
    pub objects: Option<usize>,
    /// Why it was not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_looked_at: Option<String>,
}

/// Whether the steps were rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Rendering {
    /// Every step in every environment.
    Done {
        /// The program, with its version.
        renderer: String,
        /// In the plan's order.
        steps: Vec<StepRendering>,
    },
    /// Without a program for it, only the steps that need none.
    Partly {
        /// Why there is none.
        reason: Problem,
        /// In the plan's order.
        steps: Vec<StepRendering>,
    },
    /// Not at all: the plan itself has errors.
    NotDone,
}

/// One step rendered in one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepRendering {
    /// The environment's name.
    pub environment: String,
    /// The step.
    pub step: StepPath,
    /// How many objects came out; `None` when it did not render.
    pub objects: Option<usize>,
}

impl Check {
    /// Was nothing wrong found?
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.diagnostics.is_empty() && self.problems.is_empty()
    }
}

/// Checks a plan; with a renderer, also what each step renders to in each environment.
pub async fn check(path: &Path, renderer: Result<&Renderer, &Problem>) -> Check {
    let plan = path.to_owned();
    let owned = plan.clone();
    let loaded = tokio::task::spawn_blocking(move || load(&owned)).await;
    match loaded {
        Ok(Ok(loaded)) => rendered(plan, &loaded, renderer).await,
        Ok(Err(diagnostics)) => Check {
            plan,
            diagnostics,
            problems: Vec::new(),
            rendering: Rendering::NotDone,
            charts: Vec::new(),
        },
        Err(error) => {
            let problem = Problem::new(path.display().to_string(), error.to_string(), "report this as a bug");
            Check {
                plan,
                diagnostics: Vec::new(),
                problems: vec![problem],
                rendering: Rendering::NotDone,
                charts: Vec::new(),
            }
        }
    }
}

async fn rendered(path: PathBuf, plan: &Plan, renderer: Result<&Renderer, &Problem>) -> Check {
    let (mut steps, mut problems) = (Vec::new(), Vec::new());
    for environment in &plan.environments {
        let mut held = Vec::new();
        for (step, outcome) in render_all(plan, environment, renderer).await {
            let objects = match outcome {
                Ok(objects) => {
                    let keys = objects.iter().map(|object| key_in(object, environment)).collect();
                    held.push(StepKeys { step: step.path.clone(), inventory: step.inventory.clone(), keys });
                    Some(objects.len())
                }
                Err(found) => {
                    let place = format!("{}, {}", environment.name, step.path);
                    problems.extend(found.into_iter().map(|problem| prefixed(&place, problem)));
                    None
                }
            };
            steps.push(StepRendering { environment: environment.name.0.clone(), step: step.path, objects });
        }
        let place = environment.name.to_string();
        problems.extend(overlaps(&held).into_iter().map(|problem| prefixed(&place, problem)));
    }
    let rendering = match renderer {
        Ok(renderer) => Rendering::Done { renderer: renderer.to_string(), steps },
        Err(reason) => Rendering::Partly { reason: reason.clone(), steps },
    };
    Check { plan: path, diagnostics: Vec::new(), problems, rendering, charts: Vec::new() }
}

type Outcome = Result<Vec<Object>, Vec<Problem>>;

/// Renders the steps of one environment that can be, a few at a time, in the plan's order.
async fn render_all(
    plan: &Plan,
    environment: &Environment,
    renderer: Result<&Renderer, &Problem>,
) -> Vec<(Step, Outcome)> {
    let steps = plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps);
    let can_be_rendered = |step: &Step| match step.action {
        Action::Manual(_) | Action::Helm(_) | Action::Pin { .. } => false,
        Action::Manifests { .. } => true,
        Action::Kustomize { .. } => renderer.is_ok(),
    };
    stream::iter(steps.filter(can_be_rendered))
        .map(|step| async move {
            let outcome = render(renderer, plan, &step).await;
            (step, outcome)
        })
        .buffered(RENDERED_AT_ONCE)
        .collect()
        .await
}

/// The key with the namespace that an object without one will get.
fn key_in(object: &Object, environment: &Environment) -> Key {
    let key = object.key();
    Key { namespace: key.namespace.or_else(|| Some(environment.namespace.clone())), ..key }
}

fn prefixed(place: &str, problem: Problem) -> Problem {
    Problem { subject: format!("{place}: {}", problem.subject), ..problem }
}

impl Check {
    /// What was rendered, a line each; what was not looked at, together for each reason.
    fn charts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for chart in &self.charts {
            let ChartRendering { environment, step, chart: source, .. } = chart;
            match (&chart.not_looked_at, chart.objects) {
                (Some(reason), _) => drop(left.entry(reason).or_default().insert(step.to_string())),
                (None, Some(number)) => {
                    let objects = count(number, "object", "objects");
                    writeln!(f, "  {environment} {step}: {objects} of chart {source}")?;
                }
                (None, None) => writeln!(f, "  {environment} {step}: chart {source} does not render")?,
            }
        }
        for (reason, steps) in left {
            let steps: Vec<String> = steps.into_iter().collect();
            writeln!(f, "  charts not looked at: {}: {reason}", steps.join(", "))?;
        }
        Ok(())
    }
}

/// The report as a person reads it.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.diagnostics {
            writeln!(f, "{diagnostic}\n")?;
        }
        for problem in &self.problems {
            writeln!(f, "{}: {}\n hint: {}\n", problem.subject, problem.reason, problem.remedy)?;
        }
        let (done, steps): (String, &[StepRendering]) = match &self.rendering {
            Rendering::Done { renderer, steps } => (format!("rendered with {renderer}"), steps),
            Rendering::Partly { reason, steps } => (format!("kustomize steps not rendered: {reason}"), steps),
            Rendering::NotDone => ("nothing rendered, because the plan has errors".to_owned(), &[]),
        };
        for step in steps {
            match step.objects {
                Some(number) => {
                    let objects = count(number, "object", "objects");
                    writeln!(f, "  {} {}: {objects}", step.environment, step.step)?;
                }
                None => writeln!(f, "  {} {}: does not render", step.environment, step.step)?,
            }
        }
        self.charts(f)?;
        let found = match self.diagnostics.len() + self.problems.len() {
            0 => "no error".to_owned(),
            number => count(number, "error", "errors"),
        };
        write!(f, "{}: {found}; {done}", self.plan.display())
    }
}
