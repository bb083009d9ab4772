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
    diff::{Kind, Leftovers},
    engine::{Command, Phase, Refusal, Run, StageReach, Standing},
    overview::Rest,
    plan::StepPath,
    runtime::{Driver, SubmitError},
    words::harmless,
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
        let StageReach { mut steps, stops_before } = match target.reach(self.driver.run(), kind) {
            Ok(reach) => reach,
            Err(error) => return Report::new(Exit::Error, error.to_string()),
        };
        if let (Kind::Apply, true) = (kind, steps.is_empty()) {
            return nothing_to_apply(stops_before);
        }
        // What an interrupted step has written is found out first: it is to be taken back, or shown, as well.
        if matches!(kind, Kind::Apply | Kind::Rollback) {
            self.inspected().await;
        }
        if kind == Kind::Rollback {
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
        Report {
            stops_before,
            ..self.confirm(&steps, (kind, &target.command(kind, leftovers)), approval).await
        }
    }

    /// Goes on with an interrupted, failed or cancelled step, after the cluster has been compared. What helm has
    /// left halfway is only shown, as it would be done now.
    pub async fn resume(&mut self, step: &StepPath) -> Report {
        if let Some(report) = self.refusal() {
            return report;
        }
        self.inspected().await;
        if self.driver.run().halfway_release(step).is_some() {
            let target = Target::Step(step.clone());
            let report = self.change(&target, Kind::Apply, Leftovers::Stay, None).await;
            let summary = match &report.digest {
                Some(digest) => format!(
                    "helm has not brought the release to an end, so what it would do now is shown, and nothing was \
                     written; to go on, `apply {step} --approve {}`",
                    digest.short()
                ),
                None => report.summary.clone(),
            };
            return Report { summary, ..report };
        }
        let kind = self.driver.run().to_resume(step).map_or(Kind::Apply, |attempt| attempt.kind);
        let rest = self
            .driver
            .run()
            .to_resume(step)
            .map(|attempt| Rest::of(attempt, self.driver.proposals().get(&attempt.number)));
        if let Err(error) = self.driver.submit(Command::Resume { step: step.clone() }) {
            let mut report = refused(&error);
            report.steps = vec![StepReport::of(self.driver.run(), step)];
            return report;
        }
        self.say(&rest.iter().flat_map(|rest| rest.lines(step)).collect::<Vec<_>>());
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

    /// Drives until the state is as wanted, telling of progress; asked to stop, it cancels what runs.
    pub(super) async fn until(&mut self, wanted: impl Fn(&Run) -> bool) {
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
        let news = self.driver.take_news();
        let lines: Vec<String> = news.iter().filter_map(|event| told(self.driver.run(), event)).collect();
        self.say(&lines);
    }

    fn say(&mut self, lines: &[String]) {
        for line in lines {
            // Progress is a courtesy: a closed pipe must not stop a change half way.
            let _ = writeln!(self.progress, "{}", harmless(line));
        }
    }
}

fn nothing_to_apply(stops_before: Option<StepPath>) -> Report {
    let report = match &stops_before {
        Some(item) => Report::new(Exit::Refused, format!("nothing can be applied before {item} is ticked")),
        None => {
            Report::new(Exit::Done, "nothing to apply: its steps are checklist items, skipped or deferred")
        }
    };
    Report { stops_before, ..report }
}

pub(super) fn refused(error: &SubmitError) -> Report {
    let exit = match error {
        SubmitError::Refused(Refusal::Interrupted(_)) => Exit::Interrupted,
        SubmitError::Refused(Refusal::UnknownStep(_) | Refusal::NoteRequired(_))
        | SubmitError::Journal(_)
        | SubmitError::Halted(_) => Exit::Error,
        SubmitError::Refused(_) => Exit::Refused,
    };
    Report::new(exit, error.to_string())
}
