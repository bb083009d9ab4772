//! The commands.

use std::io::Write;

use super::{
    Exit,
    progress::told,
    report::{Report, StepReport},
    target::Target,
    verified,
};
use crate::{
    app::Mode,
    diff::{Kind, Leftovers, Proposal},
    engine::{Approval, AttemptNumber, Command, Phase, Refusal, Run, Standing, combined_digest},
    object::Digest,
    plan::StepPath,
    runtime::{Driver, SubmitError},
    words::{count, harmless},
};

/// Runs commands against a driver and tells of its progress on `progress`.
pub struct Headless<'a> {
    /// The run.
    pub driver: &'a mut Driver,
    /// Where progress goes, a line an event.
    pub progress: &'a mut (dyn Write + Send),
    /// Resolves when the operator wants to stop (Ctrl-C).
    pub stop: tokio::sync::watch::Receiver<bool>,
    /// Read-only: showing and verifying is all there is.
    pub mode: Mode,
}

impl Headless<'_> {
    /// Shows what a change would do; with an approval that names it, makes it and waits for its end.
    pub async fn change(
        &mut self,
        target: &Target,
        kind: Kind,
        leftovers: Leftovers,
        approval: Option<&str>,
    ) -> Report {
        if (kind == Kind::Rollback || kind == Kind::Prune || approval.is_some())
            && let Some(report) = self.refusal()
        {
            return report;
        }
        // Whatever is refused below, what the cluster told of other machines comes first.
        self.tell();
        let mut steps = match target.steps(self.driver.run()) {
            Ok(steps) => steps,
            Err(error) => return Report::new(Exit::Error, error.to_string()),
        };
        if kind == Kind::Rollback {
            // What an interrupted step has written is found out first: it is to be taken back as well.
            self.inspected().await;
            steps.reverse();
            if matches!(target, Target::Stage(_)) {
                let run = self.driver.run();
                let gaps = run.gaps();
                let is_left = |step: &StepPath| leftovers == Leftovers::Go && run.left_behind(step) > 0;
                steps.retain(|step| {
                    !run.undo_set(step).is_empty() || gaps.unrecorded.contains_key(step) || is_left(step)
                });
                if steps.is_empty() {
                    if let Some(reason) = &gaps.unreadable {
                        let told = format!("it is not known what the stage has changed: {reason}");
                        return Report::new(Exit::Refused, told);
                    }
                    return Report::new(
                        Exit::Done,
                        "the stage has changed nothing that could be rolled back",
                    );
                }
            }
        }
        if self.mode == Mode::ReadOnly {
            self.overlook(&steps);
        }
        if let Err(error) = self.driver.submit(Command::Request { steps: steps.clone(), kind, leftovers }) {
            return refused(&error);
        }
        self.until(|run| !run.attempts().iter().any(|attempt| attempt.phase == Phase::Preparing)).await;
        if kind == Kind::Verify {
            self.until(Run::is_quiet).await;
            return verified::report(self.driver, &steps);
        }
        self.confirm(&steps, kind, approval).await
    }

    async fn confirm(&mut self, steps: &[StepPath], kind: Kind, approval: Option<&str>) -> Report {
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
                    format!("nothing was written; to {kind} this, repeat with --approve {}", digest.short()),
                )
            } else if conflicts > 0 {
                Report::new(
                    Exit::Conflicts,
                    format!(
                        "nothing can be rolled back: others changed all of it since ({}), and it stays; to have \
                         that noted, repeat with --approve {}",
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
        if approval.len() < 12 || !digest.0.starts_with(approval) {
            let mut report = Report::new(
                Exit::Moved,
                format!(
                    "{approval} was approved, {} is what stands now; nothing was written",
                    digest.short()
                ),
            );
            report.digest = Some(digest);
            return self.shown(report, steps, &proposals);
        }
        let approvals = awaiting.into_iter().map(|(attempt, digest)| Approval { attempt, digest }).collect();
        if let Err(error) = self.driver.submit(Command::Confirm(approvals)) {
            return refused(&error);
        }
        self.until(Run::is_quiet).await;
        self.finished(steps, kind, proposals)
    }

    /// Goes on with an interrupted, failed or cancelled step, after the cluster has been compared.
    pub async fn resume(&mut self, step: &StepPath) -> Report {
        if let Some(report) = self.refusal() {
            return report;
        }
        self.inspected().await;
        let kind = self.driver.run().latest(step).map_or(Kind::Apply, |attempt| attempt.kind);
        if let Err(error) = self.driver.submit(Command::Resume { step: step.clone() }) {
            let mut report = refused(&error);
            report.steps = vec![StepReport::of(self.driver.run(), step)];
            return report;
        }
        self.until(Run::is_quiet).await;
        self.finished(std::slice::from_ref(step), kind, Vec::new())
    }

    /// A command that takes effect at once: skipping, a note, giving up; ticking, once its gates hold.
    pub async fn at_once(&mut self, step: &StepPath, command: Command) -> Report {
        if let Some(report) = self.refusal() {
            return report;
        }
        self.inspected().await;
        let is_tick = matches!(command, Command::Tick { .. });
        match self.driver.submit(command) {
            Ok(()) => {
                // A checklist item's gates are asked first.
                if is_tick {
                    self.until(Run::is_quiet).await;
                }
                if let Some(reason) = self.driver.halted() {
                    return Report::new(Exit::Error, reason.to_owned());
                }
                let mut report = if is_tick && self.driver.run().standing(step) != Standing::Done {
                    Report::new(
                        Exit::Failed,
                        "not ticked: a gate does not hold; to go on without it, skip the step with a reason",
                    )
                } else {
                    Report::new(Exit::Done, "noted")
                };
                report.steps = vec![StepReport::of(self.driver.run(), step)];
                report
            }
            Err(error) => refused(&error),
        }
    }

    /// A step that another process is at, or left unfinished, can be looked at all the same: this
    /// session's journal is in memory and ends with it.
    fn overlook(&mut self, steps: &[StepPath]) {
        for step in steps {
            if self.driver.run().standing(step) == Standing::Interrupted
                && let Err(error) = self.driver.submit(Command::Abandon { step: step.clone() })
            {
                tracing::warn!(%error, "looking at a step that is at work");
            }
        }
    }

    fn refusal(&self) -> Option<Report> {
        let told = "read-only: nothing can be changed in this session";
        (self.mode == Mode::ReadOnly).then(|| Report::new(Exit::Refused, told))
    }

    /// Waits for the comparison that follows an interruption; it only reads.
    async fn inspected(&mut self) {
        self.until(|run| {
            !run.attempts().iter().any(|attempt| attempt.phase == Phase::Interrupted && !attempt.inspected)
        })
        .await;
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

    fn finished(&self, steps: &[StepPath], kind: Kind, proposals: Vec<Proposal>) -> Report {
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
        } else {
            Exit::Failed
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

    /// Drives until the state is as wanted, telling of progress; asked to stop, it cancels what runs.
    async fn until(&mut self, wanted: impl Fn(&Run) -> bool) {
        let mut asked = false;
        loop {
            self.tell();
            if wanted(self.driver.run()) || self.driver.halted().is_some() {
                break;
            }
            let stop = async {
                if asked || self.stop.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = self.driver.next() => {}
                () = stop => {
                    asked = true;
                    let active = self.driver.run().active().map(|attempt| attempt.step.clone());
                    let preparing = self.driver.run().attempts().iter()
                        .find(|attempt| attempt.phase == Phase::Preparing).map(|attempt| attempt.step.clone());
                    if let Some(step) = active.or(preparing)
                        && let Err(error) = self.driver.submit(Command::Cancel { step })
                    {
                        tracing::warn!(%error, "cancelling");
                    }
                }
            }
        }
        if self.driver.halted().is_some() {
            self.driver.finish().await;
        }
        self.tell();
    }

    fn tell(&mut self) {
        for event in self.driver.take_news() {
            if let Some(line) = told(self.driver.run(), &event) {
                // Progress is a courtesy: a closed pipe must not stop a change half way.
                let _ = writeln!(self.progress, "{}", harmless(&line));
            }
        }
    }
}

fn refused(error: &SubmitError) -> Report {
    let exit = match error {
        SubmitError::Refused(Refusal::Interrupted(_)) => Exit::Interrupted,
        SubmitError::Refused(Refusal::UnknownStep(_) | Refusal::NoteRequired(_))
        | SubmitError::Journal(_)
        | SubmitError::Halted(_) => Exit::Error,
        SubmitError::Refused(_) => Exit::Refused,
    };
    Report::new(exit, error.to_string())
}
