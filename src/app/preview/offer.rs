//! What can be asked for now, and why not.

use super::{Doing, Finding, Sight, StandsAt};
use crate::{app::Mode, config::Action, words::count};

/// The buttons, the likeliest first.
#[must_use]
pub fn offered(sight: &Sight<'_>) -> Vec<Action> {
    [Action::Write, Action::TakeBack, Action::Reload]
        .into_iter()
        .filter(|action| refusal(sight, *action).is_none())
        .collect()
}

/// Is the way back what is shown?
pub(super) fn is_way_back(sight: &Sight<'_>) -> bool {
    sight.finding.is_some_and(|finding| finding.stands == StandsAt::WayBack)
}

/// Why an action cannot be asked for; none when it can.
#[must_use]
pub fn refusal(sight: &Sight<'_>, action: Action) -> Option<String> {
    let told = |text: &str| Some(text.to_owned());
    match sight.doing {
        Some(Doing::Reading) => return told("the files are being read; wait for that"),
        Some(Doing::Performing(_)) => return told("files are being written; wait for that"),
        None => {}
    }
    let Some(finding) = sight.finding else { return told("nothing has been read yet") };
    match action {
        Action::Write if finding.stands == StandsAt::WayBack => {
            told("the way back is shown; go back to the files first")
        }
        Action::TakeBack if finding.stands != StandsAt::WayBack && !finding.can_take_back => {
            told("no init of this machine is there to be taken back")
        }
        Action::TakeBack if finding.stands != StandsAt::WayBack => None,
        Action::Write | Action::TakeBack => unwritable(sight, finding),
        _ => None,
    }
}

/// Why what is shown cannot be confirmed.
fn unwritable(sight: &Sight<'_>, finding: &Finding) -> Option<String> {
    if sight.mode == Mode::ReadOnly {
        return Some("read-only: nothing is written".to_owned());
    }
    if !finding.errors.is_empty() {
        return Some("the compose files have errors; mend them and read again".to_owned());
    }
    if let Some(problem) = finding.problems.first() {
        return Some(format!("{}: {}; {}", problem.subject, problem.reason, problem.remedy));
    }
    finding.digest.is_none().then(|| finding.summary.clone())
}

/// What a button says that it does.
#[must_use]
pub fn button_label(sight: &Sight<'_>, action: Action) -> String {
    let finding = sight.finding;
    let changes = finding.map_or(0, changes);
    match (action, finding.map(|finding| finding.stands)) {
        (Action::Write, Some(StandsAt::Interrupted(..))) => "Finish it…".to_owned(),
        (Action::Write, _) if changes == 0 => "Write the record…".to_owned(),
        (Action::Write, _) => format!("Write {}…", count(changes, "file", "files")),
        (Action::TakeBack, Some(StandsAt::WayBack)) => "Take back…".to_owned(),
        (Action::TakeBack, _) => "Show the way back".to_owned(),
        (Action::Reload, Some(StandsAt::WayBack)) => "Back to the files".to_owned(),
        _ => action.label().to_owned(),
    }
}

/// How many files would be written or deleted.
pub(super) fn changes(finding: &Finding) -> usize {
    finding.files.iter().filter(|row| row.write.is_some()).count()
}
