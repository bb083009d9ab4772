//! Sign, word and role of each state: three ways to tell it, so that none has to do alone.

use ratatui::style::Style;

use super::Theme;
use crate::{
    app::{Mode, ObjectState, RowStanding},
    diff::{Change, Kind, Wave},
    engine::Standing,
};

pub(super) fn standing(standing: Standing, theme: &Theme) -> (&'static str, Style) {
    let role = match standing {
        Standing::Open | Standing::Skipped | Standing::Deferred | Standing::RolledBack => theme.muted,
        Standing::Working => theme.accent,
        Standing::Done => theme.ok,
        Standing::Failed | Standing::Interrupted => theme.danger,
        Standing::Asking | Standing::Cancelled | Standing::RolledBackWithConflicts => theme.warn,
    };
    (standing.sign(), role.0)
}

/// Of a row of the checklist.
pub(super) fn row(row: RowStanding, theme: &Theme) -> (&'static str, Style) {
    match row {
        RowStanding::Is(of) => standing(of, theme),
        RowStanding::Locked => ("⊘", theme.warn.0),
        RowStanding::Doubtful => ("?", theme.warn.0),
        RowStanding::Comparing => ("◌", theme.accent.0),
        RowStanding::Asking => standing(Standing::Asking, theme),
        RowStanding::Partly => ("◐", theme.accent.0),
    }
}

/// The word for a row; a watcher is not asked for a confirmation.
pub(super) fn word(row: RowStanding, mode: Mode) -> &'static str {
    match (row, mode) {
        (RowStanding::Asking, Mode::ReadOnly) => "changes shown",
        (RowStanding::Asking, Mode::ReadWrite) => Standing::Asking.word(),
        (RowStanding::Locked, _) => "locked",
        (RowStanding::Doubtful, _) => "done, in doubt",
        (RowStanding::Comparing, _) => "comparing",
        (RowStanding::Partly, _) => "partly done",
        (RowStanding::Is(standing), _) => standing.word(),
    }
}

/// A short word for the checklist; none for what the sign alone makes plain.
pub(super) fn short_word(row: RowStanding, mode: Mode) -> &'static str {
    match row {
        RowStanding::Is(Standing::Open | Standing::Done) => "",
        RowStanding::Asking if mode == Mode::ReadWrite => "confirm?",
        RowStanding::Asking => "shown",
        RowStanding::Doubtful => "in doubt",
        RowStanding::Is(Standing::RolledBackWithConflicts) => "conflicts",
        other => word(other, mode),
    }
}

/// Of a line of a unified diff.
pub(super) fn difference(line: &str, theme: &Theme) -> Style {
    match line.chars().next() {
        Some('+') => theme.diff_added.0,
        Some('-') => theme.diff_removed.0,
        Some('@') => theme.diff_path.0,
        _ => theme.muted.0,
    }
}

pub(super) fn change(change: Change, theme: &Theme) -> (&'static str, &'static str, Style) {
    match change {
        Change::Create => ("+", "create", theme.diff_added.0),
        Change::Recreate => ("+", "create again", theme.diff_added.0),
        Change::Change => ("~", "change", theme.warn.0),
        Change::Revert => ("~", "revert", theme.warn.0),
        Change::Replace => ("±", "delete and create", theme.danger.0),
        Change::Adopt => ("⇄", "adopt", theme.warn.0),
        Change::Same => ("=", "same", theme.muted.0),
        Change::Delete => ("-", "delete", theme.diff_removed.0),
    }
}

pub(super) fn state<'a>(
    state: &'a ObjectState,
    theme: &Theme,
) -> (&'static str, &'static str, &'a str, Style) {
    match state {
        ObjectState::Refused(reason) => ("✖", "refused", reason, theme.danger.0),
        ObjectState::Failing(reason) => ("✖", "failing", reason, theme.danger.0),
        ObjectState::Waiting(reason) => ("◌", "waiting", reason, theme.warn.0),
        ObjectState::Writing => ("▶", "writing", "", theme.accent.0),
        ObjectState::Unknown => ("?", "in doubt", "", theme.warn.0),
        ObjectState::Planned => ("○", "planned", "", theme.muted.0),
        ObjectState::ReadyBut(warning) => ("✔", "ready", warning, theme.ok.0),
        ObjectState::Written => ("✔", "written", "", theme.ok.0),
        ObjectState::Ready => ("✔", "ready", "", theme.ok.0),
        ObjectState::Deleted => ("✔", "deleted", "", theme.ok.0),
        ObjectState::Same => ("=", "same", "", theme.muted.0),
    }
}

pub(super) fn wave(wave: Wave) -> &'static str {
    match wave {
        Wave::Files => "the file",
        Wave::Release => "the release, by helm",
        Wave::Foundations => "namespaces and CRDs",
        Wave::Configuration => "configuration and rights",
        Wave::AllowPolicies => "network policies that allow",
        Wave::DenyPolicies => "network policies that deny",
        Wave::Services => "services",
        Wave::Workloads => "workloads",
        Wave::Scaling => "budgets and autoscalers",
        Wave::Ingress => "ingresses",
        Wave::Webhooks => "webhooks",
        Wave::UndoScaling => "autoscalers go",
        Wave::UndoPrune => "what was pruned returns",
        Wave::UndoChanges => "what was changed goes back",
        Wave::UndoCreates => "what was created goes",
        Wave::DeleteConfiguration => "configuration goes",
        Wave::DeleteLeftovers => "leftovers go",
        Wave::DeleteFoundations => "namespaces and CRDs go",
    }
}

/// What is being done, as in `applying`.
pub(super) fn doing(kind: Kind) -> &'static str {
    match kind {
        Kind::Apply => "applying",
        Kind::Prune => "pruning",
        Kind::Rollback => "rolling back",
        Kind::Verify => "verifying",
    }
}
