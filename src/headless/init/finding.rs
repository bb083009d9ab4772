//! What a look has found, and what was done, for the screen.

use std::path::Path;

use super::InitReport;
use crate::{
    app::preview::{Finding, Outcome, StandsAt},
    headless::Exit,
    scaffold::Kind,
};

impl InitReport {
    /// What a look has found.
    #[must_use]
    pub fn into_finding(self) -> Finding {
        let told = self.source.unwrap_or_default();
        let mut errors = self.diagnostics;
        let mut warnings = errors.split_off(errors.len().saturating_sub(self.for_screen.warnings));
        warnings.extend(told.warnings);
        let stands = match (self.for_screen.interrupted, self.kind) {
            (_, Some(Kind::Rollback)) => StandsAt::WayBack,
            (Some((written, files)), _) => StandsAt::Interrupted(written, files),
            (None, _) => StandsAt::Wanted,
        };
        let root = Path::new(&self.root);
        Finding {
            root: root.canonicalize().map_or(self.root.clone(), |root| root.display().to_string()),
            stands,
            read: told.read,
            holds: told.holds,
            errors,
            warnings,
            groups: Finding::group(&told.gaps),
            gaps: told.gaps,
            questions: told.questions,
            excerpts: self.for_screen.excerpts,
            files: self.files,
            counts: self.counts,
            wanted: self.for_screen.wanted,
            digest: self.digest,
            problems: self.problems,
            summary: self.summary,
            can_take_back: self.for_screen.can_take_back,
            outcome: None,
        }
    }

    /// What was done; or why it was not, in a sentence.
    ///
    /// # Errors
    /// Why not.
    pub fn outcome(&self) -> Result<Outcome, String> {
        match (self.exit(), self.kind) {
            (Exit::Done | Exit::Conflicts, Some(kind)) => Ok(Outcome {
                kind,
                summary: self.summary.clone(),
                counts: self.counts,
                beside: Finding::beside(&self.files),
                kept: self
                    .files
                    .iter()
                    .filter(|row| row.action.is_kept())
                    .map(|row| row.path.to_string())
                    .collect(),
                next: self.next.clone(),
            }),
            (Exit::Moved, _) => Err("what was confirmed is not what stands now; nothing was written. \
                                     What stands now is shown: look at it, and confirm that"
                .to_owned()),
            _ => {
                let problems = self
                    .problems
                    .iter()
                    .map(|problem| format!("{}: {}; {}", problem.subject, problem.reason, problem.remedy));
                let errors = self.diagnostics.iter().map(ToString::to_string);
                let told: Vec<String> = problems.chain(errors).take(3).collect();
                Err(if told.is_empty() { self.summary.clone() } else { told.join("\n") })
            }
        }
    }
}
