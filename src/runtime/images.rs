//! The command that asks registries: neither a cluster nor a run is needed.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    process::ExitCode,
};

use super::{
    program::{load, print},
    rehearsed::{asked_for, search_of},
};
use crate::{
    cli::{Output, Place},
    diff::Problem,
    headless::{self, Exit, Report, Target},
    pin::{ImageName, Used, used},
    plan::{Action, Step, StepPath},
    registry::{ImageReport, ImageRow, Images},
};

/// Prints the images of a plan's environment, or of a part of it.
pub(super) async fn images(place: &Place, target: Option<&Target>, output: Output) -> ExitCode {
    let report = match look(place, target).await {
        Ok(report) => report,
        Err(problem) => return print(&Report::failed(Exit::Error, &problem), output.output),
    };
    let mut out = io::stdout().lock();
    let written = headless::print(&report, output.output, |output| report.write(output), &mut out);
    if let Err(error) = written {
        tracing::warn!(%error, "printing the images");
    }
    if report.is_complete() { Exit::Done.into() } else { Exit::Failed.into() }
}

async fn look(place: &Place, target: Option<&Target>) -> Result<ImageReport, Problem> {
    let (plan, environment) = load(place)?;
    let stand_ins = asked_for(place)?;
    let images = Images::new(plan.clone(), search_of(stand_ins.as_ref()), stand_ins);
    let steps: Vec<Step> =
        plan.steps_in(&environment.name).into_iter().flat_map(|stage| stage.steps).collect();
    let steps = wanted(steps, target, &environment.name.0)?;
    let mut by_image: BTreeMap<ImageName, (BTreeSet<String>, Vec<StepPath>)> = BTreeMap::new();
    let mut left_out = Vec::new();
    for step in &steps {
        let paths = match &step.action {
            Action::Kustomize { path } => vec![path],
            Action::Manifests { paths } => paths.iter().collect(),
            Action::Helm(_) => {
                left_out.push(format!("{}: the images of a chart are not looked at", step.path));
                continue;
            }
            Action::Manual(_) | Action::Pin { .. } => continue,
        };
        for path in paths {
            let objects = images.rendered(path).await.map_err(first)?;
            for Used { image, by } in used(&objects) {
                let (users, steps) = by_image.entry(image).or_default();
                users.extend(by);
                if !steps.contains(&step.path) {
                    steps.push(step.path.clone());
                }
            }
        }
    }
    let wanted: Vec<Used> = by_image
        .iter()
        .map(|(image, (by, _))| Used { image: image.clone(), by: by.iter().cloned().collect() })
        .collect();
    let tagged =
        wanted.iter().map(|used| &used.image).filter(|image| image.digest.is_some() && image.tag.is_some());
    let tagged: BTreeSet<ImageName> = tagged.map(ImageName::by_tag).collect();
    let (listed, tags) = tokio::join!(images.ask(wanted), images.digests(&tagged));
    let row = |listed: crate::registry::Listed| {
        let image = listed.used.image.clone();
        let steps = by_image.get(&image).map(|(_, steps)| steps.clone()).unwrap_or_default();
        let now = tags.get(&image.by_tag()).and_then(|digest| digest.as_ref().ok());
        let mut row = ImageRow::of(listed, steps);
        row.tag_moved_to = now.filter(|now| image.digest.as_ref() != Some(now)).cloned();
        row
    };
    Ok(ImageReport {
        plan: plan.name.clone(),
        environment: environment.name.0.clone(),
        at: jiff::Timestamp::now(),
        images: listed.into_iter().map(row).collect(),
        left_out,
    })
}

/// The steps that are asked for.
fn wanted(steps: Vec<Step>, target: Option<&Target>, environment: &str) -> Result<Vec<Step>, Problem> {
    let Some(target) = target else { return Ok(steps) };
    let is_wanted = |step: &Step| match target {
        Target::Stage(stage) => &step.path.stage == stage,
        Target::Step(path) => &step.path == path,
    };
    let (wanted, others): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(is_wanted);
    if wanted.is_empty() {
        let known: BTreeSet<String> = others.iter().map(|step| step.path.stage.to_string()).collect();
        let known: Vec<String> = known.into_iter().collect();
        return Err(Problem::new(
            "images",
            format!("there is no such step or stage in {environment}"),
            format!("name one of {}, or a step of it", known.join(", ")),
        ));
    }
    Ok(wanted)
}

fn first(problems: Vec<Problem>) -> Problem {
    problems
        .into_iter()
        .next()
        .unwrap_or_else(|| Problem::new("images", "it cannot be rendered", "check the plan"))
}
