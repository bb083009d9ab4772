//! Texts and paths with `${variables}`, checked in every environment that has the step.

use std::path::PathBuf;

use super::{
    Environment, StepPath,
    cursor::Cursor,
    diagnostic::{Findings, suggestion},
    fill::RESERVED,
    reference::{Reference, ReferenceSort, outside},
    words::{Piece, pieces},
};

/// What a path is named for.
pub(super) struct PathTarget<'t> {
    pub(super) here: &'t [Environment],
    pub(super) step: &'t StepPath,
    pub(super) sort: ReferenceSort,
    pub(super) references: &'t mut Vec<Reference>,
}

impl PathTarget<'_> {
    /// A path that stays in the plan's folder, remembered for a look at the disk.
    pub(super) fn path(&mut self, cursor: &Cursor<'_>, findings: &mut Findings<'_>) -> Option<PathBuf> {
        let text = templated_that(cursor, findings, self.here, |filled| {
            outside(filled).map(|why| format!("`{filled}` cannot be used: {why}"))
        })?;
        for environment in self.here {
            let filled = environment.fill(&text);
            if outside(&filled).is_none() {
                self.references.push(Reference {
                    environment: environment.name.clone(),
                    step: self.step.clone(),
                    path: filled.into(),
                    sort: self.sort,
                    place: cursor.place(),
                    document_path: cursor.path.clone(),
                });
            }
        }
        Some(text.into())
    }
}

/// A text whose variables are all known where the step runs.
pub(super) fn templated(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    here: &[Environment],
) -> Option<String> {
    templated_that(cursor, findings, here, |_| None)
}

/// The same, whose filled-in form must also pass a check in each environment.
pub(super) fn templated_that(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    here: &[Environment],
    error_in: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    const SYNTAX: &str = "a variable is written ${name}; for the characters themselves write $${";
    let text = cursor.text(findings)?;
    let pieces = match pieces(text) {
        Ok(pieces) => pieces,
        Err(rest) => {
            let shown: String = rest.chars().take(20).collect();
            cursor.report(findings, format!("`${{{shown}` is no variable"), SYNTAX);
            return Some(text.to_owned());
        }
    };
    let mut complete = true;
    for piece in &pieces {
        let Piece::Variable(name) = piece else { continue };
        let lacking: Vec<&str> = here
            .iter()
            .filter(|environment| environment.value_of(name).is_none())
            .map(|environment| environment.name.0.as_str())
            .collect();
        if !lacking.is_empty() {
            complete = false;
            cursor.report(findings, unknown_variable(name, &lacking, here), variable_hint(name, here));
        }
    }
    if complete
        && let Some((environment, error)) =
            here.iter().find_map(|environment| Some((environment, error_in(&environment.fill(text))?)))
    {
        let is_filled = pieces.iter().any(|piece| matches!(piece, Piece::Variable(_)));
        let suffix = if is_filled { format!(" (in {})", environment.name) } else { String::new() };
        cursor.report(findings, format!("{error}{suffix}"), "");
    }
    Some(text.to_owned())
}

fn unknown_variable(name: &str, lacking: &[&str], here: &[Environment]) -> String {
    if lacking.len() == here.len() {
        format!("unknown variable `${{{name}}}`")
    } else {
        format!("`${{{name}}}` is not defined in {}", lacking.join(", "))
    }
}

fn variable_hint(name: &str, here: &[Environment]) -> String {
    let mut known: Vec<&str> = RESERVED.to_vec();
    known.extend(here.iter().flat_map(|environment| environment.variables.keys()).map(String::as_str));
    known.sort_unstable();
    known.dedup();
    if known.contains(&name) {
        "define it under `variables` there".to_owned()
    } else {
        suggestion(name, &known)
    }
}
