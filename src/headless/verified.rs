//! What a verification has found: what differs, what does not hold.

use super::{
    Exit,
    report::{Report, StepReport},
};
use crate::{
    diff::{Kind, Proposal},
    engine::{Attempt, Run},
    plan::StepPath,
    runtime::Driver,
};

/// The report of a verification of these steps that is over.
pub(super) fn report(driver: &Driver, steps: &[StepPath]) -> Report {
    if let Some(reason) = driver.halted() {
        return Report::new(Exit::Error, reason.to_owned());
    }
    let run = driver.run();
    let attempts: Vec<Option<&Attempt>> = steps.iter().map(|step| verification(run, step)).collect();
    let holds = attempts.iter().all(|attempt| attempt.is_some_and(Attempt::has_finished));
    let differing: usize = attempts.iter().flatten().map(|attempt| attempt.differing()).sum();
    let proposals: Vec<Proposal> = attempts
        .iter()
        .flatten()
        .filter_map(|attempt| driver.proposals().get(&attempt.number))
        .cloned()
        .collect();
    let drift =
        if differing == 1 { "1 live object differs" } else { &format!("{differing} live objects differ") };
    let (exit, summary) = match (holds, differing) {
        (true, 0) => (Exit::Done, "everything holds".to_owned()),
        (true, _) => (Exit::Unapproved, format!("everything holds, but {drift} from the plan")),
        (false, 0) => (Exit::Failed, "something does not hold".to_owned()),
        (false, _) => (Exit::Failed, format!("something does not hold, and {drift} from the plan")),
    };
    let mut report = Report::new(exit, summary);
    report.proposals = proposals;
    report.steps = steps.iter().map(|step| StepReport::of(run, step)).collect();
    report
}

/// The step's last verification, also one that was stopped while it still compared.
fn verification<'a>(run: &'a Run, step: &StepPath) -> Option<&'a Attempt> {
    run.attempts_of(step).rev().find(|attempt| attempt.kind == Kind::Verify)
}
