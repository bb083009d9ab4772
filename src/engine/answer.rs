//! What comes of an effect's outcome.

use super::{
    Attempt, AttemptNumber, End, Event, Outcome, Phase, RowInspection, RowIntent, RowState, Run, Standing,
};
use crate::{
    diff::{Kind, Problem, Proposal, Row},
    object::Digest,
};

impl Run {
    pub(super) fn report(&self, number: AttemptNumber, outcome: Outcome) -> Vec<Event> {
        let Some(attempt) = self.attempt(number) else {
            return Vec::new();
        };
        match (attempt.phase, outcome) {
            (Phase::Preparing, Outcome::Prepared(mut proposal)) => {
                proposal.problems.extend(self.nothing_to_verify(attempt, &proposal));
                vec![prepared(number, *proposal, Vec::new())]
            }
            (Phase::Reviewing, Outcome::Reviewed { proposal, unlike })
                if unlike.is_empty() && proposal.problems.is_empty() =>
            {
                let digest = proposal.digest.clone();
                vec![Event::Reviewed { attempt: number, digest, rows: intents(proposal.rows) }]
            }
            (Phase::Reviewing, Outcome::Reviewed { proposal, unlike }) => {
                vec![prepared(number, *proposal, unlike)]
            }
            (Phase::Preparing | Phase::Reviewing, Outcome::Unprepared(problems)) => vec![Event::Prepared {
                attempt: number,
                digest: Digest(String::new()),
                rows: Vec::new(),
                problems,
                renderer: None,
                leaves: 0,
                left: Vec::new(),
                unlike: Vec::new(),
            }],
            (Phase::Preserving, Outcome::Preserved { record, cannot_undo }) => {
                vec![Event::Preserved { attempt: number, record, cannot_undo }]
            }
            (Phase::Preserving, Outcome::Moved(reason)) => vec![
                Event::Stopped {
                    attempt: number,
                    problems: vec![Problem::new(
                        attempt.step.to_string(),
                        format!("{reason}; nothing was written"),
                        "look at the changes again and confirm what stands now",
                    )],
                },
                Event::Ended { attempt: number, end: End::Failed },
            ],
            // A fact about a write is never dropped, however late it comes.
            (_, Outcome::RowDone { row, uid, created, warnings }) if attempt.is_planned(row) => {
                vec![Event::RowDone { attempt: number, row, uid, created, warnings }]
            }
            (_, Outcome::RowFailed { row, problem }) if attempt.is_planned(row) => {
                vec![Event::RowFailed { attempt: number, row, problem }]
            }
            (Phase::Settling, Outcome::Settled(wave)) if attempt.wave == Some(wave) => {
                vec![Event::WaveSettled { attempt: number, wave }]
            }
            (Phase::Waiting, Outcome::Ready) => vec![Event::ObjectsReady { attempt: number }],
            (Phase::Gating, Outcome::GatePassed { gate, detail, simulated }) => {
                vec![Event::GatePassed { attempt: number, gate, detail, simulated }]
            }
            (Phase::Gating, Outcome::GateOpen { gate, problem }) => match &attempt.by_hand {
                Some(note) => {
                    let detail = format!("by hand: {note} (asked, it did not hold: {})", problem.reason);
                    vec![Event::GatePassed { attempt: number, gate, detail, simulated: false }]
                }
                None => Vec::new(),
            },
            (Phase::Closing, Outcome::Closed) => vec![Event::Ended { attempt: number, end: End::Done }],
            (
                Phase::Preserving | Phase::Settling | Phase::Waiting | Phase::Gating | Phase::Closing,
                Outcome::Stopped(problems),
            ) => vec![
                Event::Stopped { attempt: number, problems },
                Event::Ended { attempt: number, end: End::Failed },
            ],
            (Phase::Interrupted, Outcome::Inspected(rows)) => vec![inspected(number, rows)],
            (Phase::Interrupted, Outcome::Stopped(problems)) => {
                vec![Event::Inspected { attempt: number, found: Vec::new(), problems }]
            }
            _ => Vec::new(),
        }
    }

    /// A step that does not stand cannot hold: that, and not each object that is missing, is told.
    fn nothing_to_verify(&self, attempt: &Attempt, proposal: &Proposal) -> Option<Problem> {
        if attempt.kind != Kind::Verify || !proposal.changes_something() {
            return None;
        }
        let (reason, remedy) = match self.settled_standing(&attempt.step) {
            Standing::RolledBack | Standing::RolledBackWithConflicts => {
                ("the step has been rolled back, so what it would make is not there", "apply it again")
            }
            Standing::Open => ("the step has not been applied", "look at its changes and apply it"),
            _ => return None,
        };
        Some(Problem::new(attempt.step.to_string(), reason, format!("{remedy}; then it can be verified")))
    }
}

impl Attempt {
    fn is_planned(&self, row: usize) -> bool {
        matches!(self.rows.get(row), Some((_, RowState::Planned)))
    }
}

fn prepared(attempt: AttemptNumber, proposal: Proposal, unlike: Vec<String>) -> Event {
    Event::Prepared {
        attempt,
        digest: proposal.digest,
        leaves: proposal.leaves.len(),
        left: proposal.leaves,
        rows: intents(proposal.rows),
        problems: proposal.problems,
        renderer: proposal.renderer,
        unlike,
    }
}

fn intents(rows: Vec<Row>) -> Vec<RowIntent> {
    let intent = |row: Row| RowIntent {
        key: row.key,
        change: row.change,
        wave: row.wave,
        digest: row.digest,
        conflicts: row.conflicts.len(),
        added: row.added.len(),
        carried: row.carried,
    };
    rows.into_iter().map(intent).collect()
}

fn inspected(attempt: AttemptNumber, rows: Vec<RowInspection>) -> Event {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for row in rows {
        match row {
            RowInspection::Written { row, uid } => found.push((row, uid)),
            RowInspection::NotWritten { .. } => {}
            RowInspection::Foreign { problem, .. } => problems.push(problem),
        }
    }
    Event::Inspected { attempt, found, problems }
}
