//! What is shown is approved, or is not.

use super::{
    Exit, Headless,
    report::{Report, StepReport},
    steps::refused,
};
use crate::{
    app::Mode,
    diff::{Kind, Proposal},
    engine::{Approval, AttemptNumber, Command, Run, Standing, combined_digest},
    object::Digest,
    plan::StepPath,
    words::count,
};

/// Digits of a digest that an approval names at least.
const SHORTEST_APPROVAL: usize = 12;

impl Headless<'_> {
    pub(super) async fn confirm(
        &mut self,
        steps: &[StepPath],
        (kind, command): (Kind, &str),
        approval: Option<&str>,
    ) -> Report {
        let awaiting: Vec<(AttemptNumber, Digest)> = self
            .driver
            .run()
            .awaiting()
            .map(|attempt| (attempt.number, attempt.digest.clone().unwrap_or(Digest(String::new()))))
            .collect();
        let proposals: Vec<Proposal> =
            awaiting.iter().filter_map(|(number, _)| self.driver.proposals().get(number)).cloned().collect();
        let has_problems = self.driver.run().awaiting().any(|attempt| !attempt.problems.is_empty());
        let changes = proposals.iter().any(Proposal::changes_something);
        let digest = combined_digest(&awaiting.iter().map(|(_, digest)| digest).collect::<Vec<_>>());
        if let Some(reason) = self.driver.halted() {
            return Report::new(Exit::Error, reason.to_owned());
        }
        if has_problems {
            let report = Report::new(Exit::Refused, "it cannot be confirmed; nothing was written");
            return self.shown(report, steps, &proposals);
        }
        let Some(approval) = approval else {
            if changes && self.mode == Mode::ReadOnly {
                // Its digest binds nothing: it comes from a local comparison.
                let report = Report::new(Exit::Unapproved, "read-only: nothing was written");
                return self.shown(report, steps, &proposals);
            }
            let conflicts: usize = proposals.iter().map(|proposal| proposal.summary().conflicts).sum();
            let mut report = if changes {
                Report::new(
                    Exit::Unapproved,
                    format!("nothing was written; to {kind} this: {command} --approve {}", digest.short()),
                )
            } else if conflicts > 0 {
                Report::new(
                    Exit::Conflicts,
                    format!(
                        "nothing can be rolled back: others changed all of it since ({}), and it stays; to have \
                         that noted: {command} --approve {}",
                        count(conflicts, "field", "fields"),
                        digest.short()
                    ),
                )
            } else {
                Report::new(Exit::Done, "nothing to change")
            };
            report.digest = Some(digest);
            return self.shown(report, steps, &proposals);
        };
        if approval.len() < SHORTEST_APPROVAL || !digest.0.starts_with(approval) {
            let told = match approval.chars().count() {
                given @ ..SHORTEST_APPROVAL => format!(
                    "an approval names at least the first {SHORTEST_APPROVAL} digits of the digest, and {approval} has \
                     {given}; nothing was written"
                ),
                _ => {
                    format!(
                        "{approval} was approved, {} is what stands now; nothing was written",
                        digest.short()
                    )
                }
            };
            let mut report = Report::new(Exit::Moved, told);
            report.digest = Some(digest);
            return self.shown(report, steps, &proposals);
        }
        let numbers: Vec<AttemptNumber> = awaiting.iter().map(|(number, _)| *number).collect();
        let approvals = awaiting.into_iter().map(|(attempt, digest)| Approval { attempt, digest }).collect();
        if let Err(error) = self.driver.submit(Command::Confirm(approvals)) {
            return refused(&error);
        }
        self.until(Run::is_quiet).await;
        if self.driver.halted().is_none() && self.driver.run().awaiting().next().is_some() {
            return self.asked_again(steps, command);
        }
        let reviewed = numbers.iter().filter_map(|number| self.driver.proposals().get(number)).cloned();
        let proposals = reviewed.collect();
        self.finished(steps, kind, proposals)
    }

    /// A step that came behind others is not what was approved, now that those are done.
    fn asked_again(&mut self, steps: &[StepPath], command: &str) -> Report {
        let run = self.driver.run();
        let digests: Vec<&Digest> = run.awaiting().filter_map(|attempt| attempt.digest.as_ref()).collect();
        let digest = combined_digest(&digests);
        let first = run.awaiting().next().map_or_else(String::new, |attempt| attempt.step.to_string());
        let proposals: Vec<Proposal> = run
            .awaiting()
            .filter_map(|attempt| self.driver.proposals().get(&attempt.number))
            .cloned()
            .collect();
        let report = if run.awaiting().any(|attempt| !attempt.problems.is_empty()) {
            let told = format!(
                "stopped before {first}, which cannot be applied as it stands; what was written before it stays"
            );
            Report::new(Exit::Failed, told)
        } else {
            let told = format!(
                "stopped before {first}: what it would change now is not what was approved, and nothing of it was \
                 written; what came before it stays. For what stands now: {command} --approve {}",
                digest.short()
            );
            Report { digest: Some(digest), ..Report::new(Exit::Moved, told) }
        };
        self.shown(report, steps, &proposals)
    }

    /// What was shown and not approved. It is withdrawn: nobody is left to confirm it, and a look must not
    /// change where a step stands.
    fn shown(&mut self, mut report: Report, steps: &[StepPath], proposals: &[Proposal]) -> Report {
        report.proposals = proposals.to_vec();
        report.steps = steps.iter().map(|step| StepReport::of(self.driver.run(), step)).collect();
        for step in steps {
            if let Err(error) = self.driver.submit(Command::Cancel { step: step.clone() }) {
                tracing::debug!(%error, "there was nothing to withdraw");
            }
        }
        for (told, step) in report.steps.iter_mut().zip(steps) {
            self.driver.run().standing(step).word().clone_into(&mut told.standing);
        }
        report
    }

    pub(super) fn finished(&self, steps: &[StepPath], kind: Kind, proposals: Vec<Proposal>) -> Report {
        let run = self.driver.run();
        let standings: Vec<Standing> = steps.iter().map(|step| run.standing(step)).collect();
        let may_have_written = steps
            .iter()
            .filter_map(|step| run.latest(step))
            .any(|attempt| attempt.may_have_written() && attempt.kind == kind);
        let exit = if let Some(reason) = self.driver.halted() {
            return Report::new(if may_have_written { Exit::Failed } else { Exit::Error }, reason.to_owned());
        } else if standings.contains(&Standing::RolledBackWithConflicts) {
            Exit::Conflicts
        } else if kind == Kind::Rollback {
            let over = |standing: &Standing| matches!(standing, Standing::RolledBack | Standing::Done);
            if standings.iter().all(over) { Exit::Done } else { Exit::Failed }
        } else if standings.iter().all(|standing| *standing == Standing::Done) {
            Exit::Done
        } else if kind == Kind::Verify || may_have_written {
            Exit::Failed
        } else {
            Exit::Refused
        };
        let summary = match (exit, kind) {
            (Exit::Done, Kind::Rollback) => "rolled back",
            (Exit::Done, _) => "done",
            (Exit::Conflicts, _) => {
                "rolled back, but for fields that others changed since; they were left alone"
            }
            _ if !may_have_written => "stopped before anything was written",
            _ => "stopped; what was written stays: resume it or roll it back",
        };
        let mut report = Report::new(exit, summary);
        report.proposals = proposals;
        report.steps = steps.iter().map(|step| StepReport::of(run, step)).collect();
        report
    }
}
