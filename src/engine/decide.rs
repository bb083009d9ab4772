//! From a command to events, or a refusal.

use super::{
    Approval, Attempt, AttemptNumber, Command, End, Event, Phase, Refusal, RowIntent, Run, Standing,
};
use crate::{
    diff::{Change, ClusterIdentity, IdentitySource, Kind, Leftovers},
    object::Digest,
    plan::StepPath,
};

impl Run {
    /// What a command comes to: events to journal and apply, in order; none when it changes nothing.
    ///
    /// # Errors
    /// A [`Refusal`] says why the state does not allow it and what to do instead. A report about an
    /// attempt that no longer waits for it is no error: it comes to nothing.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::StartSession { program, plan_digest } => {
                Ok(vec![Event::SessionStarted { program, plan_digest }])
            }
            Command::MeetCluster(cluster) => self.meet(cluster),
            Command::Recover(survey) => Ok(self.recover(survey)),
            Command::Request { steps, kind, leftovers } => self.request(&steps, kind, leftovers),
            Command::Confirm(approvals) => self.confirm(&approvals),
            Command::Cancel { step } => self.cancel(&step),
            Command::Resume { step } => self.resume(&step),
            Command::Abandon { step } => self.abandon(&step),
            Command::Tick { step, note } => self.tick(step, note),
            Command::Skip { step, reason } => {
                self.mark(&step, &reason)?;
                Ok(vec![Event::Skipped { step, reason }])
            }
            Command::Defer { step, reason } => {
                self.mark(&step, &reason)?;
                Ok(vec![Event::Deferred { step, reason }])
            }
            Command::Reopen { step } => {
                self.require_step(&step)?;
                Ok(vec![Event::Reopened { step }])
            }
            Command::Note { step, text } => {
                self.require_step(&step)?;
                if text.trim().is_empty() {
                    return Err(Refusal::NoteRequired(step));
                }
                Ok(vec![Event::Noted { step, text }])
            }
            Command::Report { attempt, outcome } => Ok(self.report(attempt, outcome)),
        }
    }

    fn meet(&self, cluster: ClusterIdentity) -> Result<Vec<Event>, Refusal> {
        match &self.cluster {
            None => Ok(vec![Event::ClusterPinned { cluster }]),
            Some(pinned) if same_cluster(pinned, &cluster) => Ok(Vec::new()),
            Some(pinned) => Err(Refusal::OtherCluster {
                pinned: format!("{} at {}", pinned.short(), pinned.server),
                met: format!("{} at {}", cluster.short(), cluster.server),
            }),
        }
    }

    fn request(&self, steps: &[StepPath], kind: Kind, leftovers: Leftovers) -> Result<Vec<Event>, Refusal> {
        let mut events: Vec<Event> = self
            .attempts
            .iter()
            .filter(|attempt| matches!(attempt.phase, Phase::Preparing | Phase::AwaitingConfirmation))
            .map(|attempt| Event::Ended { attempt: attempt.number, end: End::Withdrawn })
            .collect();
        let mut number = self.highest();
        for (position, path) in steps.iter().enumerate() {
            let step = self.require_step(path)?;
            let has_only_gates = kind == Kind::Verify && !step.gates.is_empty();
            if Self::is_manual(step) && !has_only_gates {
                return Err(Refusal::Manual(path.clone()));
            }
            if let Some(active) = self.attempts_of(path).find(|attempt| attempt.is_active()) {
                match (active.phase, kind) {
                    // It stays interrupted for as long as this is only shown.
                    (Phase::Interrupted, Kind::Rollback) => {}
                    (Phase::Interrupted, Kind::Apply) if self.halfway_release(path).is_some() => {}
                    (Phase::Interrupted, _) => return Err(Refusal::Interrupted(path.clone())),
                    (phase, _) => return Err(Refusal::Busy { step: path.clone(), phase: phase.to_string() }),
                }
            }
            let after = steps.get(..position).unwrap_or_default().to_vec();
            let undoes = match kind {
                Kind::Rollback if leftovers == Leftovers::Go && self.has_only_leftovers(path) => Vec::new(),
                Kind::Rollback => self.undoable(path, &after)?,
                _ => Vec::new(),
            };
            number = number.next();
            events.push(Event::Requested {
                step: path.clone(),
                attempt: number,
                kind,
                undoes,
                after: if matches!(kind, Kind::Apply | Kind::Rollback) { after } else { Vec::new() },
                tick: None,
                leftovers,
            });
        }
        Ok(events)
    }

    /// The attempts that a rollback of the step undoes, unless later changes by others are in the way.
    fn undoable(&self, step: &StepPath, after: &[StepPath]) -> Result<Vec<AttemptNumber>, Refusal> {
        let undoes = self.undo_set(step);
        let Some(oldest) = undoes.last() else {
            return Err(self.in_the_dark(step).unwrap_or_else(|| Refusal::NothingToUndo(step.clone())));
        };
        let touched = |attempt: &Attempt| -> Vec<RowIntent> {
            attempt
                .rows
                .iter()
                .map(|(row, _)| row)
                .filter(|row| row.change != Change::Same)
                .cloned()
                .collect()
        };
        let ours: Vec<RowIntent> =
            undoes.iter().filter_map(|number| self.attempt(*number)).flat_map(touched).collect();
        for later in &self.attempts {
            let stands = later.may_have_written() && !later.undone && later.kind != Kind::Rollback;
            if later.number <= *oldest || &later.step == step || after.contains(&later.step) || !stands {
                continue;
            }
            if let Some(row) = touched(later).iter().find(|row| ours.iter().any(|own| own.key == row.key)) {
                return Err(Refusal::LaterStep {
                    step: step.clone(),
                    later: later.step.clone(),
                    object: row.key.to_string(),
                });
            }
        }
        Ok(undoes)
    }

    fn confirm(&self, approvals: &[Approval]) -> Result<Vec<Event>, Refusal> {
        let given_up: Vec<&Attempt> = self.given_up_by(approvals).collect();
        let is_in_the_way =
            |attempt: &&Attempt| !given_up.iter().any(|given_up| given_up.number == attempt.number);
        if let Some(active) = self.at_work().find(is_in_the_way) {
            return Err(Self::occupied(active));
        }
        let give_up = |attempt: &&Attempt| Event::Ended { attempt: attempt.number, end: End::Abandoned };
        let mut confirmed = Vec::new();
        for approval in approvals {
            let attempt = self
                .attempt(approval.attempt)
                .filter(|attempt| {
                    attempt.phase == Phase::AwaitingConfirmation && attempt.kind != Kind::Verify
                })
                .ok_or_else(|| Refusal::NothingToConfirm(format!("attempt {}", approval.attempt)))?;
            if let Some(problem) = attempt.problems.first() {
                return Err(Refusal::HasProblems {
                    step: attempt.step.clone(),
                    problem: problem.to_string(),
                });
            }
            if attempt.digest.as_ref() != Some(&approval.digest) {
                return Err(Refusal::OtherDigest {
                    given: approval.digest.short().to_owned(),
                    current: attempt.digest.as_ref().map_or("nothing", Digest::short).to_owned(),
                });
            }
            confirmed.push(Event::Confirmed { attempt: attempt.number, digest: approval.digest.clone() });
        }
        if confirmed.is_empty() {
            return Err(Refusal::NothingToConfirm("the run".to_owned()));
        }
        Ok(given_up.iter().map(give_up).chain(confirmed).collect())
    }

    /// What was interrupted and is taken back, or done anew, by what is approved.
    fn given_up_by(&self, approvals: &[Approval]) -> impl Iterator<Item = &Attempt> {
        let is_dealt_with = |attempt: &&Attempt| {
            let mut approved = approvals.iter().filter_map(|approval| self.attempt(approval.attempt));
            approved
                .any(|shown| matches!(shown.kind, Kind::Rollback | Kind::Apply) && shown.step == attempt.step)
        };
        self.attempts.iter().filter(|attempt| attempt.phase == Phase::Interrupted).filter(is_dealt_with)
    }

    fn cancel(&self, step: &StepPath) -> Result<Vec<Event>, Refusal> {
        self.require_step(step)?;
        let Some(attempt) =
            self.attempts_of(step).rev().find(|attempt| !matches!(attempt.phase, Phase::Ended(_)))
        else {
            return Err(self.not_now(step, "there is nothing to cancel"));
        };
        let number = attempt.number;
        Ok(match attempt.phase {
            Phase::Preparing | Phase::AwaitingConfirmation | Phase::Queued => {
                vec![Event::Ended { attempt: number, end: End::Withdrawn }]
            }
            // What was confirmed to come behind it does not go ahead without it.
            Phase::Reviewing => {
                let behind = self.attempts.iter().filter(|attempt| attempt.phase == Phase::Queued);
                let withdrawn = behind.map(|attempt| attempt.number).chain([number]);
                withdrawn.map(|attempt| Event::Ended { attempt, end: End::Withdrawn }).collect()
            }
            Phase::Settling | Phase::Waiting | Phase::Gating => vec![
                Event::CancelRequested { attempt: number },
                Event::Ended { attempt: number, end: End::Cancelled },
            ],
            Phase::Preserving | Phase::Executing | Phase::Closing if attempt.cancel_requested => Vec::new(),
            Phase::Preserving | Phase::Executing | Phase::Closing => {
                vec![Event::CancelRequested { attempt: number }]
            }
            Phase::Interrupted | Phase::Ended(_) => {
                return Err(self.not_now(step, "resume it, roll it back or abandon it"));
            }
        })
    }

    fn resume(&self, step: &StepPath) -> Result<Vec<Event>, Refusal> {
        self.require_step(step)?;
        if let Some(active) = self.active().filter(|active| active.phase != Phase::Interrupted) {
            return Err(Refusal::Busy { step: active.step.clone(), phase: active.phase.to_string() });
        }
        let latest = self.to_resume(step);
        let Some(attempt) = latest.filter(|attempt| attempt.may_have_written() && !attempt.undone) else {
            return Err(self.not_now(step, "there is nothing to resume: look at its changes and apply it"));
        };
        if self.halfway_release(step).is_some_and(|halfway| halfway.number == attempt.number) {
            return Err(Refusal::LookAnew(step.clone()));
        }
        match attempt.phase {
            Phase::Interrupted if !attempt.inspected => {
                Err(self.not_now(step, "the cluster is still being compared: wait a moment"))
            }
            Phase::Interrupted | Phase::Ended(End::Failed | End::Cancelled | End::Abandoned) => {
                if attempt.phase == Phase::Interrupted
                    && let Some(problem) = attempt.problems.first()
                {
                    return Err(Refusal::HasProblems { step: step.clone(), problem: problem.to_string() });
                }
                // A rollback of it that is shown would be of what it had written until now.
                let shown = self
                    .attempts_of(step)
                    .filter(|shown| matches!(shown.phase, Phase::Preparing | Phase::AwaitingConfirmation));
                let closed = shown.map(|shown| Event::Ended { attempt: shown.number, end: End::Withdrawn });
                Ok(closed.chain([Event::Resumed { attempt: attempt.number }]).collect())
            }
            _ => Err(self.not_now(step, "there is nothing to resume")),
        }
    }

    fn abandon(&self, step: &StepPath) -> Result<Vec<Event>, Refusal> {
        self.require_step(step)?;
        match self.interrupted(step) {
            Some(attempt) => Ok(vec![Event::Ended { attempt: attempt.number, end: End::Abandoned }]),
            None => Err(self.not_now(step, "only an interrupted step can be abandoned")),
        }
    }

    fn mark(&self, step: &StepPath, reason: &str) -> Result<(), Refusal> {
        self.require_step(step)?;
        if reason.trim().is_empty() {
            return Err(Refusal::NoteRequired(step.clone()));
        }
        match self.standing(step) {
            Standing::Working | Standing::Interrupted => {
                Err(self.not_now(step, "cancel it, or deal with the interruption, first"))
            }
            _ => Ok(()),
        }
    }

    fn not_now(&self, step: &StepPath, hint: &str) -> Refusal {
        Refusal::NotNow {
            step: step.clone(),
            standing: self.standing(step).word().to_owned(),
            hint: hint.to_owned(),
        }
    }

    /// The event that the state by itself calls for; journalled and applied like any other, until
    /// there is none.
    #[must_use]
    pub fn follow_up(&self) -> Option<Event> {
        let attempt = self.active()?;
        let number = attempt.number;
        let end = |end| Some(Event::Ended { attempt: number, end });
        match attempt.phase {
            Phase::Executing if attempt.in_flight().next().is_some() => None,
            Phase::Executing if attempt.has_failed_row() => end(End::Failed),
            Phase::Executing if attempt.cancel_requested => end(End::Cancelled),
            Phase::Executing => Some(match attempt.next_wave() {
                Some(wave) => Event::WaveStarted { attempt: number, wave },
                None => Event::Written { attempt: number },
            }),
            Phase::Closing if attempt.kind == Kind::Verify => match &attempt.tick {
                Some(note) => Some(Event::Ticked { step: attempt.step.clone(), note: note.clone() }),
                None => end(End::Done),
            },
            _ => None,
        }
    }
}

/// The same UID, server and CA. A cluster restored from a backup has the same UIDs, so they alone do
/// not do; where one side could read less than the other, server and CA must.
pub(crate) fn same_cluster(pinned: &ClusterIdentity, met: &ClusterIdentity) -> bool {
    let same_address =
        pinned.server == met.server && pinned.certificate_authority == met.certificate_authority;
    match (pinned.source, met.source) {
        (IdentitySource::KubeSystem, IdentitySource::KubeSystem)
        | (IdentitySource::OwnNamespace, IdentitySource::OwnNamespace) => {
            same_address && pinned.uid == met.uid
        }
        _ => same_address,
    }
}
