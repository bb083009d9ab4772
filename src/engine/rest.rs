//! What an attempt sets out to change, and what of it is left.

use super::{Attempt, RowIntent, RowState};
use crate::diff::{Change, Wave, counted};

impl Attempt {
    /// What it has not changed yet although it set out to, with its place; what helm does with a release among
    /// it.
    pub fn left(&self) -> impl Iterator<Item = (usize, &RowIntent)> {
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, (intent, state))| {
            intent.change != Change::Same && !matches!(state, RowState::Done { .. })
        })
        .map(|(index, (intent, _))| (index, intent))
    }

    /// How much it sets out to change, leftovers not among it.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.changing().filter(|(intent, _)| intent.wave != Wave::DeleteLeftovers).count()
    }

    /// How much of what it changes is written, and how much it changes.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let written = self.changing().filter(|(_, state)| matches!(state, RowState::Done { .. }));
        (written.count(), self.changing().count())
    }

    fn changing(&self) -> impl Iterator<Item = &(RowIntent, RowState)> {
        let rows = counted(&self.rows, |(intent, _)| (intent.wave, intent.change));
        rows.filter(|(intent, _)| intent.change != Change::Same)
    }

    /// Leftovers that it set out to delete and has not.
    #[must_use]
    pub fn leftovers_to_go(&self) -> usize {
        self.left().filter(|(_, intent)| intent.wave == Wave::DeleteLeftovers).count()
    }

    /// Does it delete leftovers?
    #[must_use]
    pub fn deletes_leftovers(&self) -> bool {
        self.rows.iter().any(|(row, _)| row.wave == Wave::DeleteLeftovers)
    }
}
