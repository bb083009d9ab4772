//! The confirmation.

use ratatui::layout::Rect;

use super::{Canvas, page::counts};
use crate::{
    app::{
        Choice,
        preview::{Ask, Finding},
    },
    scaffold::Kind,
    ui::{
        dialogue::{self, Content, Styled},
        text,
    },
};

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, ask: &Ask) {
    let Some(finding) = canvas.world.finding else { return };
    let theme = canvas.theme;
    let written = finding.files.iter().filter(|row| row.write.is_some()).count();
    let files = text::count(written, "file", "files");
    let (title, go) = match ask.kind {
        Kind::Init if written == 0 => ("Write the record?", "Write the record".to_owned()),
        Kind::Init => ("Write the files?", format!("Write {files}")),
        Kind::Finish => ("Finish the interrupted init?", format!("Write the other {files}")),
        Kind::Rollback => ("Take the last init back?", format!("Take back {files}")),
    };
    let mut head: Vec<Styled> = vec![(format!("folder  {}", finding.root), theme.heading.0)];
    let counts = counts(ask.kind, finding.counts, Finding::beside(&finding.files));
    head.push((format!("files   {}", counts.join(" · ")), theme.dialogue.0));
    head.push((format!("digest  {}", ask.digest.short()), theme.muted.0));
    let promise = match ask.kind {
        Kind::Rollback => "What was changed since stays, and is named.",
        _ => "All are written, or none. What you have edited is never written over; there is a way back.",
    };
    head.push((promise.to_owned(), theme.dialogue.0));
    let kept = finding.files.iter().filter(|row| row.action.is_kept());
    let mut list: Vec<Styled> = kept.map(|row| (format!("! {} stays", row.path), theme.warn.0)).collect();
    if ask.kind == Kind::Init && !finding.questions.is_empty() {
        let questions = text::count(finding.questions.len(), "question is", "questions are");
        list.insert(
            0,
            (format!("? {questions} open; until then the manifests hold what is said there"), theme.warn.0),
        );
    }
    let content = Content {
        title: title.to_owned(),
        head,
        list,
        buttons: vec![(Choice::Cancel, "Cancel".to_owned()), (Choice::Go, go)],
        focus: ask.focus,
    };
    dialogue::draw(canvas, body, &content, None);
}
