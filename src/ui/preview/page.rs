//! The page about the chosen row, and the buttons.

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{Canvas, file::Text, signs};
use crate::{
    app::{
        Viewport,
        preview::{
            Finding, Group, Item, Outcome, Preview, PreviewFocus, Sight, Spot, StandsAt, button_label,
            offered,
        },
    },
    config::Action,
    import::{Fate, Gap},
    plan::Diagnostic,
    scaffold::{Kind, Row, Summary},
    ui::{buttons, canvas::span, detail, layout, text},
};

type Document<'a> = detail::Document<'a, Preview, Sight<'a>>;

/// Lines of a file above and below the one that is meant.
const AROUND: u64 = 4;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let is_focused = canvas.app.focus != PreviewFocus::List;
    let file = chosen_file(canvas);
    let title = title(canvas);
    let right = match file {
        Some((_, text)) if text != Text::Nothing => {
            let across = canvas.app.reading.across;
            let across = if across > 0 { format!(" → {across} ") } else { String::new() };
            Line::from(span(format!(" {}{across} ", text.word()), canvas.theme.muted.0))
        }
        _ => Line::default(),
    };
    let inner = canvas.framed(area, &title, right, (is_focused, Spot::Area(PreviewFocus::Page)));
    let buttons = offered(canvas.world).into_iter().map(|action| {
        let label = button_label(canvas.world, action);
        (action, label, false)
    });
    let rows = buttons::rows(buttons, inner.width);
    let height = inner.height.saturating_sub(u16::try_from(rows.len()).unwrap_or(0));
    let content = Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), height, ..inner };
    let mut document = Document::of(canvas, content.width);
    if let Some(finding) = canvas.world.finding {
        match canvas.app.chosen() {
            Some(item) => write(&mut document, finding, item, canvas),
            None => document.paragraph("", "Choose a row at the left.", canvas.theme.muted),
        }
    } else {
        document.paragraph(
            "",
            "The compose files and the folder are being read. Nothing is written.",
            canvas.theme.muted,
        );
    }
    let lines = document.lines;
    draw_lines(canvas, content, &lines, file.map(|(_, text)| text));
    canvas.edge_of_lines(area, canvas.areas.detail);
    let focused = canvas.app.button.filter(|_| canvas.app.focus == PreviewFocus::Buttons);
    buttons::draw(
        canvas,
        Rect { y: inner.y + height, height: inner.height - height, ..inner },
        rows,
        focused,
    );
}

/// The chosen file, and what is shown of it.
fn chosen_file<'a>(canvas: &Canvas<'a>) -> Option<(&'a Row, Text<'a>)> {
    let finding = canvas.world.finding?;
    let Some(Item::File(index)) = canvas.app.chosen() else { return None };
    let row = finding.files.get(index)?;
    Some((row, Text::of(finding, row, canvas.app.reading.is_whole)))
}

/// What was written about a row, then the lines of its file; only those in sight.
fn draw_lines(canvas: &mut Canvas<'_>, area: Rect, lines: &[Line<'static>], file: Option<Text<'_>>) {
    let height = usize::from(area.height);
    let more = file.map_or(0, |text| text.lines().count());
    let total = lines.len() + more;
    let scroll = layout::window(canvas.app.reading.scroll, height, total, None);
    canvas.areas.detail = Viewport { scroll, height, total };
    let mut row = 0;
    for line in lines.iter().skip(scroll).take(height) {
        canvas.line(area, row, line);
        row += 1;
    }
    let Some(text) = file else { return };
    let across = canvas.app.reading.across;
    let first = scroll.saturating_sub(lines.len());
    for line in text.lines().skip(first).take(height.saturating_sub(usize::from(row))) {
        let shown = text::fit(text::after(line, across), usize::from(area.width));
        canvas.line(area, row, &Line::from(span(shown, text.style(line, canvas.theme))));
        row += 1;
    }
}

fn title(canvas: &Canvas<'_>) -> String {
    let Some(finding) = canvas.world.finding else { return "Reading".to_owned() };
    match canvas.app.chosen() {
        Some(Item::Done) => "Done".to_owned(),
        Some(Item::Interrupted) => "Interrupted".to_owned(),
        Some(Item::WayBack) => "The way back".to_owned(),
        Some(Item::Error(index)) => place(finding.errors.get(index)),
        Some(Item::Warning(index)) => place(finding.warnings.get(index)),
        Some(Item::Problem(_)) => "In the way".to_owned(),
        Some(Item::Question(index)) => {
            finding.questions.get(index).map(|question| question.subject.clone()).unwrap_or_default()
        }
        Some(Item::Keys(index)) => finding.gap(index).map(|gap| gap.origin.to_string()).unwrap_or_default(),
        Some(Item::Decision(index)) => {
            finding.gaps.notes.get(index).map(|note| note.service.clone()).unwrap_or_default()
        }
        Some(Item::File(index)) => {
            finding.files.get(index).map(|row| row.path.split().1.to_owned()).unwrap_or_default()
        }
        None => "Nothing chosen".to_owned(),
    }
}

fn place(diagnostic: Option<&Diagnostic>) -> String {
    diagnostic.map(Diagnostic::location).unwrap_or_default()
}

fn write(document: &mut Document<'_>, finding: &Finding, item: Item, canvas: &Canvas<'_>) {
    let theme = document.theme;
    match item {
        Item::Done => {
            if let Some(outcome) = &finding.outcome {
                done(document, finding, outcome);
            }
        }
        Item::Interrupted => interrupted(document, finding, canvas),
        Item::WayBack => way_back(document, finding, canvas),
        Item::Error(index) => {
            if let Some(error) = finding.errors.get(index) {
                told(document, finding, error, theme.danger.0);
                document.blank();
                let keys = canvas.keymap.hint(Action::Reload);
                document.paragraph(
                    "→ ",
                    &format!("mend it in your editor, then press {keys} here"),
                    theme.accent,
                );
            }
        }
        Item::Warning(index) => {
            if let Some(warning) = finding.warnings.get(index) {
                told(document, finding, warning, theme.warn.0);
            }
        }
        Item::Problem(index) => {
            if let Some(problem) = finding.problems.get(index) {
                document.problem(problem);
            }
        }
        Item::Question(index) => question(document, finding, index, canvas),
        Item::Keys(index) => {
            if let (Some(group), Some(gap)) = (finding.groups.get(index), finding.gap(index)) {
                keys(document, finding, group, gap);
            }
        }
        Item::Decision(index) => {
            if let Some(note) = finding.gaps.notes.get(index) {
                document.paragraph("", "No key of the files asked for this; it was decided so:", theme.muted);
                document.paragraph("i ", &note.text, theme.text);
            }
        }
        Item::File(index) => {
            if let Some(row) = finding.files.get(index) {
                file(document, row, canvas);
            }
        }
    }
}

/// A line of a file with those around it, and a caret where a place is meant.
fn excerpt(
    document: &mut Document<'_>,
    finding: &Finding,
    (file, line, column): (&str, u64, u64),
    has_caret: bool,
) {
    let theme = document.theme;
    let lines: Vec<(u64, &str)> = finding.excerpts.around(file, line, AROUND).collect();
    let digits = lines.last().map_or(1, |(number, _)| number.to_string().len());
    for (number, text) in lines {
        let is_meant = number == line;
        let (mark, style) = if is_meant { ("▸", theme.text.0) } else { (" ", theme.muted.0) };
        let lead = format!("{mark}{number:>digits$} │ ");
        let room = document.width.saturating_sub(text::width(&lead));
        document.push(vec![span(lead, theme.accent.0), span(text::fit(text.trim_end(), room), style)]);
        if let Some(caret) = finding.excerpts.caret(file, line, column).filter(|_| is_meant && has_caret) {
            let lead = format!(" {:digits$} │ {:caret$}", "", "");
            document.push(vec![span(lead, theme.muted.0), span("^", theme.danger.0)]);
        }
    }
}

fn told(document: &mut Document<'_>, finding: &Finding, diagnostic: &Diagnostic, style: Style) {
    let theme = document.theme;
    document.paragraph("", &diagnostic.message, style);
    document.blank();
    let file = diagnostic.file.display().to_string();
    excerpt(document, finding, (&file, diagnostic.line, diagnostic.column), true);
    if !diagnostic.path.is_empty() {
        document.blank();
        document.paragraph("at ", &diagnostic.path, theme.muted);
    }
    if let Some(hint) = &diagnostic.hint {
        document.paragraph("→ ", hint, theme.accent);
    }
}

fn question(document: &mut Document<'_>, finding: &Finding, index: usize, canvas: &Canvas<'_>) {
    let theme = document.theme;
    let Some(question) = finding.questions.get(index) else { return };
    document.paragraph("? ", &question.question, theme.heading);
    document.paragraph("  until then: ", &question.meanwhile, theme.text);
    if let Some(origin) = &question.origin {
        document.blank();
        document.paragraph("", &origin.to_string(), theme.muted);
        excerpt(document, finding, (&origin.file, origin.line, origin.column), false);
    }
    document.blank();
    let keys = canvas.keymap.hint(Action::Reload);
    let what = format!(
        "answer it in the compose file and press {keys}; or write the files and edit them: what you edit stays yours"
    );
    document.paragraph("→ ", &what, theme.accent);
}

fn keys(document: &mut Document<'_>, finding: &Finding, group: &Group, gap: &Gap) {
    let theme = document.theme;
    let (sign, style) = signs::fate(gap.fate, theme);
    document.paragraph("", if group.members.len() == 1 { &gap.path } else { &group.name }, theme.heading);
    document.push(vec![span(format!("{sign} {}", gap.fate.word()), style)]);
    let lead = if gap.fate == Fate::NotMapped { "→ " } else { "  " };
    document.paragraph(lead, &gap.text, if gap.fate == Fate::NotMapped { theme.accent } else { theme.text });
    document.blank();
    excerpt(document, finding, (&gap.origin.file, gap.origin.line, gap.origin.column), false);
    document.blank();
    match &gap.shown {
        Some(shown) => document.paragraph("value ", shown, theme.muted),
        None => {
            document.paragraph("", "its value is not shown: there is none, or it may be secret", theme.muted);
        }
    }
    let gaps = group.members.iter().filter_map(|index| finding.gaps.keys.get(*index));
    let services: Vec<String> = gaps.filter_map(Gap::service).collect();
    if services.len() > 1 {
        document.heading(&format!("The same of {}", text::count(services.len(), "service", "services")));
        document.paragraph("  ", &services.join(", "), theme.text);
    } else if let [service] = services.as_slice() {
        let mut notes = finding.gaps.notes.iter().filter(|note| note.service == *service).peekable();
        if notes.peek().is_some() {
            document.heading(&format!("Decided for {service} without a key"));
        }
        for note in notes {
            document.paragraph("i ", &note.text, theme.muted);
        }
    }
}

fn file(document: &mut Document<'_>, row: &Row, canvas: &Canvas<'_>) {
    let theme = document.theme;
    let (sign, style) = signs::action(row, theme);
    document.paragraph("", row.path.as_str(), theme.heading);
    document.paragraph(&format!("{sign} "), signs::says(row), style);
    if let Some(note) = &row.note {
        document.paragraph("  ", note, theme.muted);
    }
    if chosen_file(canvas).is_some_and(|(_, text)| text == Text::Nothing) {
        document.paragraph("  ", "there is nothing to show of it", theme.muted);
    }
    document.push(vec![Span::raw("")]);
}

/// The files of each sort, one a line.
pub(super) fn counts(kind: Kind, counts: Summary, beside: usize) -> Vec<String> {
    let sort = |number: usize, what: &str| (number > 0).then(|| format!("{number} {what}"));
    let (create, update) = match kind {
        Kind::Rollback => ("come back", "go back to what they were"),
        _ => ("created", "changed"),
    };
    let create_alone = counts.create.saturating_sub(beside);
    [
        sort(create_alone, create),
        sort(counts.update, update),
        sort(counts.delete, "deleted"),
        sort(beside, "beside yours, as NAME.new"),
        sort(counts.kept, "left as yours"),
        sort(counts.same, "the same"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn done(document: &mut Document<'_>, finding: &Finding, outcome: &Outcome) {
    let theme = document.theme;
    document.paragraph("✔ ", &outcome.summary, theme.ok);
    document.paragraph("  ", &finding.root, theme.muted);
    for line in counts(outcome.kind, outcome.counts, outcome.beside) {
        document.paragraph("  ", &line, theme.text);
    }
    for path in &outcome.kept {
        document.paragraph("  ! ", path, theme.warn);
    }
    if !outcome.next.is_empty() {
        document.heading("Next");
        for next in &outcome.next {
            let is_command = next.starts_with("migrate-tui ");
            document.paragraph(if is_command { "$ " } else { "→ " }, next, theme.accent);
        }
        document.blank();
        document.paragraph("", "It is printed once more when you leave.", theme.muted);
    }
}

fn interrupted(document: &mut Document<'_>, finding: &Finding, canvas: &Canvas<'_>) {
    let theme = document.theme;
    let StandsAt::Interrupted(written, files) = finding.stands else { return };
    let changes = text::count(files, "change", "changes");
    document.paragraph(
        "! ",
        &format!("An init was interrupted: {written} of its {changes} are written."),
        theme.danger,
    );
    document.paragraph("  ", "What was there before is kept, and so is what was wanted.", theme.text);
    document.blank();
    let key = |action| canvas.keymap.hint(action);
    document.paragraph(
        "→ ",
        &format!("{} asks to finish it, as it was confirmed", key(Action::Write)),
        theme.accent,
    );
    document.paragraph("→ ", &format!("{} shows the way back", key(Action::TakeBack)), theme.accent);
    document.paragraph("  ", "What was changed since it was interrupted stays in either case.", theme.muted);
}

fn way_back(document: &mut Document<'_>, finding: &Finding, canvas: &Canvas<'_>) {
    let theme = document.theme;
    document.paragraph(
        "↶ ",
        "What taking the last init back would change. Nothing is taken back yet.",
        theme.heading,
    );
    for line in counts(Kind::Rollback, finding.counts, 0) {
        document.paragraph("  ", &line, theme.text);
    }
    document.blank();
    let key = |action| canvas.keymap.hint(action);
    document.paragraph("→ ", &format!("{} shows each file", key(Action::ShowFiles)), theme.accent);
    document.paragraph("→ ", &format!("{} asks to take it back", key(Action::TakeBack)), theme.accent);
    document.paragraph("→ ", &format!("{} goes back to the files", key(Action::Back)), theme.accent);
}
