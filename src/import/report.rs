//! The gap report for people: as text, and as MIGRATION.md.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    Imported,
    desk::Question,
    gaps::{Fate, Gap, Gaps},
};
use crate::words::{clean, count};

const WHOLE: &str = "the whole project";

impl Gaps {
    /// As in `41 keys mapped, 6 approximated, 3 not mapped, 2 read`.
    #[must_use]
    pub fn counts(&self) -> String {
        let of = |fate| format!("{} {}", self.count(fate), Fate::word(fate));
        format!(
            "{}: {}",
            count(self.keys.len(), "key", "keys"),
            [Fate::Mapped, Fate::Approximated, Fate::NotMapped, Fate::Read].map(of).join(", ")
        )
    }

    /// The keys by service; what is about the whole project is last.
    fn by_service(&self) -> BTreeMap<(bool, String), Vec<&Gap>> {
        let mut groups: BTreeMap<(bool, String), Vec<&Gap>> = BTreeMap::new();
        for gap in &self.keys {
            let service = gap.service();
            let group = (service.is_none(), service.unwrap_or_else(|| WHOLE.to_owned()));
            groups.entry(group).or_default().push(gap);
        }
        groups
    }
}

/// The report as text, for a pipe: counts, questions, then every key by service.
#[must_use]
pub fn text(imported: &Imported) -> String {
    let gaps = &imported.gaps;
    let mut out = format!("{}\n", gaps.counts());
    if !imported.questions.is_empty() {
        let _ = writeln!(out, "\n{}:", count(imported.questions.len(), "question", "questions"));
        for question in &imported.questions {
            let _ = writeln!(
                out,
                "  {}{}: {}\n    until then: {}",
                place(question),
                clean(&question.subject),
                clean(&question.question),
                clean(&question.meanwhile)
            );
        }
    }
    for ((_, service), keys) in gaps.by_service() {
        let _ = writeln!(out, "\n{}", clean(&service));
        for gap in keys {
            let shown = gap.shown.as_ref().map(|shown| format!(" = {}", clean(shown))).unwrap_or_default();
            let _ = writeln!(
                out,
                "  {:12} {}{shown} ({})",
                gap.fate.word(),
                clean(&gap.path),
                clean(&gap.origin.to_string())
            );
            let _ = writeln!(out, "    {}", clean(&gap.text));
        }
        for note in gaps.notes.iter().filter(|note| note.service == service) {
            let _ = writeln!(out, "  {:12} {}", "decided", clean(&note.text));
        }
    }
    out
}

fn place(question: &Question) -> String {
    question.origin.as_ref().map(|origin| format!("{} ", clean(&origin.to_string()))).unwrap_or_default()
}

/// MIGRATION.md.
pub(super) fn markdown(project: &str, questions: &[Question], gaps: &Gaps) -> String {
    let mut out = format!(
        "# What became of the compose files of {}\n\n{}. \
         Every key is below, once: *mapped* to something that means the same, *approximated* (how), or *not mapped* (what to do).\n",
        cell(project),
        gaps.counts()
    );
    if !questions.is_empty() {
        out.push_str("\n## Questions\n\nThe files do not say, and only you can. Until then the manifests hold what stands in the last column.\n\n| about | question | until then |\n|---|---|---|\n");
        for question in questions {
            let place = question
                .origin
                .as_ref()
                .map(|origin| format!(" ({})", cell(&origin.to_string())))
                .unwrap_or_default();
            let _ = writeln!(
                out,
                "| {}{place} | {} | {} |",
                cell(&question.subject),
                cell(&question.question),
                cell(&question.meanwhile)
            );
        }
    }
    let open: Vec<&Gap> = gaps.keys.iter().filter(|gap| gap.fate == Fate::NotMapped).collect();
    if !open.is_empty() {
        out.push_str("\n## Not mapped\n\n| key | where | what to do |\n|---|---|---|\n");
        for gap in open {
            let _ =
                writeln!(out, "| {} | {} | {} |", key(gap), cell(&gap.origin.to_string()), cell(&gap.text));
        }
    }
    let groups = gaps.by_service();
    for ((_, service), keys) in groups {
        let notes: Vec<&str> =
            gaps.notes.iter().filter(|note| note.service == service).map(|note| note.text.as_str()).collect();
        let kept: Vec<&Gap> = keys.into_iter().filter(|gap| gap.fate != Fate::NotMapped).collect();
        if kept.is_empty() && notes.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n## {}\n", cell(&service));
        for note in &notes {
            let _ = writeln!(out, "- {}", cell(note));
        }
        if !notes.is_empty() && !kept.is_empty() {
            out.push('\n');
        }
        if !kept.is_empty() {
            out.push_str("| key | where | | |\n|---|---|---|---|\n");
        }
        for gap in kept {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                key(gap),
                cell(&gap.origin.to_string()),
                gap.fate.word(),
                cell(&gap.text)
            );
        }
    }
    out
}

fn key(gap: &Gap) -> String {
    let shown = gap.shown.as_ref().map(|shown| format!(": {shown}")).unwrap_or_default();
    format!("`{}`", clean(&format!("{}{shown}", gap.path)).replace('`', "'").replace('|', "\\|"))
}

/// A text that stays in its cell, and is nothing but text.
fn cell(text: &str) -> String {
    clean(text).replace('|', "\\|").replace('<', "&lt;")
}
