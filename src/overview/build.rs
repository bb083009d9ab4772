//! Builds the overview.

use super::{
    AttemptOverview, Attention, ClusterOverview, JournalOverview, LiveOverview, NamedProblem, NamedRelease,
    Overview, SCHEMA, StageOverview, StepOverview, VerifiedOverview, WorkflowOverview,
};
use crate::{
    diff::Kind,
    engine::{Attempt, End, GateState, Phase, RowState, Run, Standing},
    observed::{Observed, release_of},
    plan::{Environment, Plan, Stage, Step, StepPath},
};

/// What an overview is made from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The environment in it.
    pub environment: &'a Environment,
    /// The run.
    pub run: &'a Run,
    /// What was observed.
    pub observed: &'a Observed,
    /// kubeconfig context in use.
    pub context: &'a str,
    /// Does a process drive the run now (this one, or another that holds its journal)?
    pub is_driven: bool,
}

impl Overview {
    /// Where things stand.
    #[must_use]
    pub fn of(source: &Source<'_>) -> Self {
        let Source { plan, environment, run, observed, context, is_driven } = *source;
        let plan_stages = plan.steps_in(&environment.name);
        let stages: Vec<StageOverview> = plan_stages.iter().map(|stage| overview_of(stage, source)).collect();
        let steps = || plan_stages.iter().flat_map(|stage| &stage.steps);
        let standings: Vec<Standing> = steps().map(|step| run.standing(&step.path)).collect();
        let live = LiveOverview::of(observed);
        Self {
            schema: SCHEMA,
            attention: Attention::of(&standings, &stages, &live),
            plan: plan.name.clone(),
            title: environment.fill(&plan.title),
            environment: environment.name.clone(),
            namespace: environment.namespace.clone(),
            cluster: ClusterOverview {
                context: context.to_owned(),
                pinned: run.cluster().cloned(),
                freshness: live.freshness().clone(),
            },
            stages,
            active: run.active().map(|attempt| attempt_of(attempt, run, is_driven)),
            problems: steps().flat_map(|step| problems_of(step, run)).collect(),
            live,
            workflow: plan.tells_runs().then(|| WorkflowOverview::of(&observed.runs)),
            journal: JournalOverview {
                sequence: run.sequence(),
                last_entry_at: run.last_entry_at(),
                last_author: run.last_author().cloned(),
                is_driven,
            },
            unknown: run.gaps().told(),
        }
    }
}

fn overview_of(stage: &Stage, source: &Source<'_>) -> StageOverview {
    let run = source.run;
    let is_settled = |step: &&Step| run.standing(&step.path).is_settled();
    StageOverview {
        id: stage.id.clone(),
        title: stage.title.clone(),
        settled: stage.steps.iter().filter(is_settled).count(),
        total: stage.steps.len(),
        steps: stage
            .steps
            .iter()
            .map(|step| StepOverview {
                step: step.path.clone(),
                title: step.title.clone(),
                standing: run.standing(&step.path),
                locked: lock_of(&step.path, run, source.observed).map(str::to_owned),
                doubt: doubt_of(&step.path, run),
                note: run.mark_text(&step.path).filter(|text| !text.is_empty()).map(str::to_owned),
                recovered: run.latest(&step.path).and_then(Attempt::told_origin),
                verified: run.latest(&step.path).and_then(verified),
                release: release(step, source),
            })
            .collect(),
    }
}

fn release(step: &Step, source: &Source<'_>) -> Option<NamedRelease> {
    let of = release_of(step, &source.environment.namespace)?;
    let row = source.observed.releases.get(&of)?.clone();
    Some(NamedRelease { of, row })
}

/// Why a ticked item may not hold any more.
#[must_use]
pub fn doubt_of(step: &StepPath, run: &Run) -> Option<String> {
    let (undone, _) = run.doubt(step)?;
    Some(format!(
        "ticked before \u{201c}{}\u{201d} was rolled back: see whether it still holds, and tick it anew or reopen it",
        undone.title
    ))
}

/// Why a step may not be applied yet; of one that is done or at work, that is over.
#[must_use]
pub fn lock_of<'a>(step: &StepPath, run: &Run, observed: &'a Observed) -> Option<&'a str> {
    let standing = run.standing(step);
    let is_over = standing.is_settled() || matches!(standing, Standing::Working | Standing::Interrupted);
    observed.locks.get(step).filter(|_| !is_over).map(String::as_str)
}

fn verified(attempt: &Attempt) -> Option<VerifiedOverview> {
    let holds = match attempt.phase {
        Phase::Ended(End::Done) => true,
        Phase::Ended(End::Failed) => false,
        _ => return None,
    };
    let at = attempt.ended_at().filter(|_| attempt.kind == Kind::Verify)?;
    Some(VerifiedOverview { at, holds, differing: attempt.differing() })
}

fn attempt_of(attempt: &Attempt, run: &Run, is_driven: bool) -> AttemptOverview {
    let (written, rows) = attempt.progress();
    let passed = |gate: &&GateState| matches!(gate, GateState::Passed { .. });
    AttemptOverview {
        step: attempt.step.clone(),
        number: attempt.number,
        kind: attempt.kind,
        phase: attempt.phase.to_string(),
        written,
        rows,
        gates_passed: attempt.gates.iter().filter(passed).count(),
        gates: run.step(&attempt.step).map_or(0, |step| step.gates.len()),
        is_driven: is_driven && attempt.phase != Phase::Interrupted,
    }
}

/// The problems of a step's latest attempt, unless the step has come to a good end since.
fn problems_of(step: &Step, run: &Run) -> Vec<NamedProblem> {
    let standing = run.standing(&step.path);
    if standing.is_settled() || matches!(standing, Standing::RolledBack | Standing::Deferred) {
        return Vec::new();
    }
    let Some(attempt) = run.latest(&step.path) else {
        return Vec::new();
    };
    let refused = attempt.rows.iter().filter_map(|(_, state)| match state {
        RowState::Failed(problem) => Some(problem),
        _ => None,
    });
    let mut problems: Vec<NamedProblem> = Vec::new();
    for problem in refused.chain(&attempt.problems) {
        let named = NamedProblem { step: step.path.clone(), problem: problem.clone() };
        if !problems.contains(&named) {
            problems.push(named);
        }
    }
    problems
}
