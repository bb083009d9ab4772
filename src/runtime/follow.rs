//! A read-only view follows the journal of a run that another process drives.

use std::time::Duration;

use tokio::sync::mpsc;

use super::CockpitEvent;
use crate::{
    engine::{Entry, Survey},
    journal::{Journal, RunFolder},
};

/// Between two looks at the journal's length.
const PAUSE: Duration = Duration::from_millis(500);

/// What a journal holds now.
#[derive(Debug)]
pub struct Followed {
    /// One in memory that goes on from there.
    pub journal: Journal,
    /// All of it, in order.
    pub entries: Vec<Entry>,
    /// Another process holds it.
    pub is_driven: bool,
    /// What the cluster was found to hold when the view was opened.
    pub survey: Survey,
}

/// Tells what the journal holds whenever it has grown past the entry of number `known`, or is taken up or let go
/// by another process. Ends with the cockpit.
pub(super) async fn follow(
    folder: RunFolder,
    known: u64,
    survey: Survey,
    sender: mpsc::Sender<CockpitEvent>,
) {
    let (mut told, mut length) = ((known, false), None);
    loop {
        let longer = std::fs::metadata(folder.journal()).ok().map(|file| file.len());
        let (_, was_driven) = told;
        // Asked only where it can have changed: to ask is to hold the lock for a moment.
        if was_driven || longer != length {
            let is_driven = folder.is_driven();
            // One that cannot be read now is read the next time.
            if let Ok((journal, entries)) = Journal::look_on(&folder) {
                length = longer;
                let now = (entries.last().map_or(0, |entry| entry.sequence), is_driven);
                let followed = Followed { journal, entries, is_driven, survey: survey.clone() };
                if now != told && sender.send(CockpitEvent::Followed(Box::new(followed))).await.is_err() {
                    return;
                }
                told = now;
            }
        }
        tokio::select! {
            () = sender.closed() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
