//! What resuming an attempt comes to: told, and asked about, before it is gone on with.

use crate::{
    diff::{Change, Kind, Proposal, Wave},
    engine::{Attempt, RowIntent},
    plan::StepPath,
    words::count,
};

/// What is left of an attempt that stopped half way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// What is gone on with, and what that takes away, in a sentence or two.
    pub told: String,
    /// Each object that is left with what happens to it, what is lost for good first.
    pub objects: Vec<String>,
    /// Is anything deleted?
    pub deletes: bool,
}

impl Rest {
    /// Of an attempt; with its proposal, as long as that is at hand, it says how much is lost with each.
    #[must_use]
    pub fn of(attempt: &Attempt, proposal: Option<&Proposal>) -> Self {
        let mut left: Vec<(usize, &RowIntent)> = attempt.left().collect();
        let deletes = left.iter().any(|(_, row)| row.change == Change::Delete);
        left.sort_by_key(|(_, row)| (row.wave != Wave::DeleteLeftovers, row.change != Change::Delete));
        let objects = left
            .iter()
            .map(|(index, row)| {
                let shown = proposal.and_then(|proposal| proposal.rows.get(*index));
                line(attempt.kind, row, shown.and_then(|shown| shown.cannot_undo.as_deref()))
            })
            .collect();
        Self { told: told(attempt, &left), objects, deletes }
    }

    /// For a command without a terminal, which asks nothing: a line each; of what deletes nothing only the first.
    #[must_use]
    pub fn lines(&self, step: &StepPath) -> Vec<String> {
        let objects = self.objects.iter().filter(|_| self.deletes).map(|line| format!("  - {line}"));
        std::iter::once(format!("{step}: {}", self.told)).chain(objects).collect()
    }
}

fn told(attempt: &Attempt, left: &[(usize, &RowIntent)]) -> String {
    if left.is_empty() {
        return match attempt.kind {
            Kind::Apply => "Everything is written. It is waited for again, then its gates are asked.",
            _ => "Everything is done. It is only waited for again.",
        }
        .to_owned();
    }
    let (written, all) = attempt.progress();
    let objects = count(all.saturating_sub(written), "object is", "objects are");
    let going = left.iter().filter(|(_, row)| row.change == Change::Delete).count();
    let leftovers = left.iter().filter(|(_, row)| row.wave == Wave::DeleteLeftovers).count();
    let doing = match attempt.kind {
        Kind::Rollback => format!("It goes on with the ROLLBACK, of which {objects} left."),
        Kind::Prune => format!("It goes on PRUNING, of which {objects} left."),
        Kind::Apply | Kind::Verify => {
            format!("What is not written yet will be written now, as it was confirmed: {objects} left.")
        }
    };
    let lost = match (going, leftovers) {
        (0, _) => String::new(),
        (going, 0) => format!(" {} deleted.", count(going, "object is", "objects are")),
        (going, leftovers) if going == leftovers => {
            format!(
                " {} deleted for good, with what is in them: it cannot be undone.",
                count(leftovers, "leftover is", "leftovers are")
            )
        }
        (going, leftovers) => format!(
            " {} deleted, {} for good, with what is in them: it cannot be undone.",
            count(going, "object is", "objects are"),
            count(leftovers, "leftover of them", "leftovers of them")
        ),
    };
    doing + &lost
}

/// As in `PersistentVolumeClaim/data-0 in shop: deleted for good, a leftover; 50Gi of data, with its volume pvc-1`.
fn line(kind: Kind, row: &RowIntent, lost: Option<&str>) -> String {
    let place = row.key.namespace.as_deref().map(|namespace| format!(" in {namespace}")).unwrap_or_default();
    let by = if row.wave == Wave::Release { " by helm" } else { "" };
    let what = match (row.change, row.wave) {
        (Change::Delete, Wave::DeleteLeftovers) => "deleted for good, a leftover",
        (Change::Delete, Wave::Release) => "uninstalled",
        (Change::Delete, _) => "deleted",
        (Change::Create, Wave::Release) => "installed",
        (Change::Create, _) => "created",
        (_, Wave::Release) if kind == Kind::Rollback => "rolled back",
        (_, Wave::Release) => "upgraded",
        (Change::Change, _) => "changed",
        (Change::Adopt, _) => "adopted",
        (Change::Replace, _) => "deleted and created again",
        (Change::Revert, _) => "reverted",
        (Change::Recreate, _) => "created again",
        (Change::Same, _) => "left as it is",
    };
    let lost =
        lost.filter(|_| row.change == Change::Delete).map(|lost| format!("; {lost}")).unwrap_or_default();
    format!("{}{place}: {what}{by}{lost}", row.key)
}
