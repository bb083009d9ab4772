//! Everything that a key, a button or the palette can ask for.

use serde::Deserialize;

/// Something that the operator can ask the cockpit to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "`Action::says` documents each, for the help as well")]
pub enum Action {
    Look,
    Apply,
    RollBack,
    RollBackAll,
    Verify,
    Prune,
    Resume,
    Abandon,
    Stop,
    Tick,
    Skip,
    Defer,
    Reopen,
    Note,
    Dispatch,
    Write,
    TakeBack,
    Reload,
    ShowOpen,
    ShowKeys,
    ShowFiles,
    Fate,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
    NextFocus,
    PreviousFocus,
    Activate,
    Toggle,
    Back,
    Zoom,
    Filter,
    Palette,
    Help,
    Redraw,
    Suspend,
    Quit,
}

/// Headings of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Acts on the selected step or stage.
    Step,
    /// Of the init screen alone.
    Init,
    /// Moves about.
    Move,
    /// The rest.
    Cockpit,
}

/// What the keys are pressed on. A key may ask for one thing on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A run.
    Cockpit,
    /// An init.
    Init,
}

impl Screen {
    /// Can it be asked for here?
    #[must_use]
    pub fn has(self, action: Action) -> bool {
        if action == Action::Palette {
            return self == Self::Cockpit;
        }
        match action.group() {
            Group::Step => self == Self::Cockpit,
            Group::Init => self == Self::Init,
            Group::Move | Group::Cockpit => true,
        }
    }
}

impl Group {
    /// The heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Step => "The selected step or stage",
            Self::Init => "The files that init writes",
            Self::Move => "Moving about",
            Self::Cockpit => "The screen",
        }
    }
}

impl Action {
    /// All, in the order of the help.
    pub const ALL: [Self; 42] = [
        Self::Look,
        Self::Apply,
        Self::RollBack,
        Self::RollBackAll,
        Self::Verify,
        Self::Prune,
        Self::Resume,
        Self::Abandon,
        Self::Stop,
        Self::Tick,
        Self::Skip,
        Self::Defer,
        Self::Reopen,
        Self::Note,
        Self::Dispatch,
        Self::Write,
        Self::TakeBack,
        Self::Reload,
        Self::ShowOpen,
        Self::ShowKeys,
        Self::ShowFiles,
        Self::Fate,
        Self::Up,
        Self::Down,
        Self::Left,
        Self::Right,
        Self::PageUp,
        Self::PageDown,
        Self::First,
        Self::Last,
        Self::NextFocus,
        Self::PreviousFocus,
        Self::Activate,
        Self::Toggle,
        Self::Back,
        Self::Zoom,
        Self::Filter,
        Self::Palette,
        Self::Help,
        Self::Redraw,
        Self::Suspend,
        Self::Quit,
    ];

    /// What it is called on buttons and in the footer.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.texts().0
    }

    /// What it does, for the help and the palette.
    #[must_use]
    pub fn says(self) -> &'static str {
        self.texts().1
    }

    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Look => ("Show changes", "show what applying would change; nothing is written"),
            Self::Apply => ("Apply", "show what would change; once shown, ask to apply it"),
            Self::RollBack => ("Roll back", "show what rolling back would change; once shown, ask to do it"),
            Self::RollBackAll => {
                ("Roll back all", "the same, and delete for good what others made because of it")
            }
            Self::Verify => ("Verify", "ask readiness and gates again; nothing is written"),
            Self::Prune => ("Prune", "show what is no longer in the step and would be deleted; then ask"),
            Self::Resume => ("Resume", "go on with an interrupted, failed or stopped step"),
            Self::Abandon => ("Abandon", "give an interrupted step up; what it wrote stays"),
            Self::Stop => ("Stop", "close what is shown, or stop between objects"),
            Self::Tick => ("Tick", "tick a checklist item, with a note"),
            Self::Skip => ("Skip", "leave the step out, with a reason"),
            Self::Defer => ("Defer", "do the step later, with a reason"),
            Self::Reopen => ("Reopen", "open a ticked, skipped or deferred step again"),
            Self::Note => ("Note", "write a note on the step"),
            Self::Dispatch => (
                "Run workflow",
                "show what a run of the pipeline's workflow would be; once shown, ask to start it",
            ),
            Self::Write => ("Write", "ask to write the files that are shown, or the rest of them"),
            Self::TakeBack => ("Take back", "show what taking the last init back would change; then ask"),
            Self::Reload => ("Read again", "read the compose files and the folder again; nothing is written"),
            Self::ShowOpen => ("Open", "what is wrong, and what only you can answer"),
            Self::ShowKeys => ("Keys", "what became of every key, by file and line"),
            Self::ShowFiles => ("Files", "every file, with its difference or its whole text"),
            Self::Fate => ("Fate", "only what is not mapped, approximated, mapped, read, decided; then all"),
            Self::Up => ("Up", "one row up"),
            Self::Down => ("Down", "one row down"),
            Self::Left => ("Left", "fold, or to the tab or button at the left"),
            Self::Right => ("Right", "unfold, or to the tab or button at the right"),
            Self::PageUp => ("Page up", "one page up"),
            Self::PageDown => ("Page down", "one page down"),
            Self::First => ("First", "to the first row"),
            Self::Last => ("Last", "to the last row"),
            Self::NextFocus => ("Next", "to the next pane"),
            Self::PreviousFocus => ("Previous", "to the previous pane"),
            Self::Activate => ("Activate", "press the button, or open the row"),
            Self::Toggle => ("Fold", "fold or unfold; of a file, the difference or the text"),
            Self::Back => ("Back", "close, clear, or go back to the list"),
            Self::Zoom => ("Zoom", "give one pane the whole screen"),
            Self::Filter => ("Filter", "show only rows that hold a text"),
            Self::Palette => ("Commands", "find a command or a step by name"),
            Self::Help => ("Help", "show all keys"),
            Self::Redraw => ("Redraw", "draw the screen anew"),
            Self::Suspend => ("Suspend", "back to the shell; `fg` returns"),
            Self::Quit => ("Quit", "leave; what was done is kept"),
        }
    }

    /// The heading that it is listed under.
    #[must_use]
    pub fn group(self) -> Group {
        match self {
            Self::Look
            | Self::Apply
            | Self::RollBack
            | Self::RollBackAll
            | Self::Verify
            | Self::Prune
            | Self::Resume
            | Self::Abandon
            | Self::Stop
            | Self::Tick
            | Self::Skip
            | Self::Defer
            | Self::Reopen
            | Self::Note
            | Self::Dispatch => Group::Step,
            Self::Write
            | Self::TakeBack
            | Self::Reload
            | Self::ShowOpen
            | Self::ShowKeys
            | Self::ShowFiles
            | Self::Fate => Group::Init,
            Self::Up
            | Self::Down
            | Self::Left
            | Self::Right
            | Self::PageUp
            | Self::PageDown
            | Self::First
            | Self::Last
            | Self::NextFocus
            | Self::PreviousFocus
            | Self::Activate
            | Self::Toggle
            | Self::Back => Group::Move,
            Self::Zoom
            | Self::Filter
            | Self::Palette
            | Self::Help
            | Self::Redraw
            | Self::Suspend
            | Self::Quit => Group::Cockpit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Action;

    #[test]
    fn every_action_is_listed_once() {
        let mut all = Action::ALL.to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), Action::ALL.len());
    }
}
