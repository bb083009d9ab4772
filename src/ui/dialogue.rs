//! Confirmations and texts. Cancel comes first and has the focus.

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use tui_input::Input;

use super::{
    canvas::{Canvas, span},
    detail::{counts, risk_word},
    field, layout, text,
};
use crate::{
    app::{Choice, Confirm, Connection, Control, Purpose, TextDialogue},
    diff::{Change, Kind, Proposal, RiskKind, Summary, Wave, grouped, places},
    plan::StepPath,
};

/// A field in which nothing is typed yet: seen where there are no colours as well.
const EMPTY: &str = "____________";

pub(super) type Styled = (String, Style);

/// A box's content: what must be seen, what may be cut short, and the buttons below.
pub(super) struct Content {
    pub(super) title: String,
    pub(super) head: Vec<Styled>,
    pub(super) list: Vec<Styled>,
    pub(super) buttons: Vec<(Choice, String)>,
    pub(super) focus: Choice,
}

pub(super) fn confirm(canvas: &mut Canvas<'_>, body: Rect, confirm: &Confirm) {
    let proposals: Vec<&Proposal> = confirm
        .approvals
        .iter()
        .filter_map(|approval| canvas.world.proposals.get(&approval.attempt))
        .collect();
    let summary = sum(&proposals);
    let verb = verb(confirm.kind);
    let setting = canvas.world.setting;
    let theme = canvas.theme;
    let mut head: Vec<Styled> = Vec::new();
    for proposal in proposals.iter().take(3) {
        head.push((step_title(canvas, &proposal.step), theme.heading.0));
    }
    if proposals.len() > 3 {
        head.push((format!("and {} more steps", proposals.len() - 3), theme.heading.0));
    }
    let cluster = canvas.world.run.cluster();
    let cluster = cluster
        .map_or_else(|| "unknown".to_owned(), |cluster| format!("{}  {}", cluster.short(), cluster.server));
    head.push((format!("context    {}", setting.context), theme.dialogue.0));
    head.push((format!("cluster    {cluster}"), theme.dialogue.0));
    let rows = proposals.iter().flat_map(|proposal| &proposal.rows);
    let changed = rows.filter(|row| row.change != Change::Same && row.wave != Wave::Files);
    let place = places(changed.map(|row| &row.key), &setting.namespace);
    let style = if place == setting.namespace { theme.dialogue.0 } else { theme.heading.0 };
    head.push((format!("namespace  {place}"), style));
    let files = proposals.iter().filter_map(|proposal| proposal.file.as_ref());
    head.extend(files.map(|file| (format!("file       {}", file.path), theme.heading.0)));
    let changing = Summary { leftovers: 0, ..summary };
    head.push((format!("changes    {}", counts(confirm.kind, &changing)), theme.heading.0));
    let leftovers = summary.leftovers;
    if leftovers > 0 {
        head.push((
            format!("leftovers  {leftovers} of them, deleted for good: it cannot be undone"),
            theme.danger.0,
        ));
    }
    let risks = grouped(proposals.iter().flat_map(|proposal| &proposal.risks));
    let mut sorts: Vec<&str> = risks.iter().map(|risk| risk_word(risk.kind)).collect();
    if !sorts.is_empty() {
        let count = sorts.len();
        sorts.dedup();
        head.push((format!("risks      {count}: {}", sorts.join(", ")), theme.warn.0));
    }
    if let Connection::Stale { since, .. } = canvas.world.connection {
        head.push((format!("◌ the live panes are stale since {}", text::clock(*since)), theme.warn.0));
    }
    let mut list: Vec<Styled> = Vec::new();
    let before = earlier_open(canvas, &proposals);
    if before > 0 && confirm.kind == Kind::Apply {
        let steps = text::count(before, "earlier step of the plan is", "earlier steps of the plan are");
        list.push((format!("! {steps} not done"), theme.warn.0));
    }
    if summary.conflicts > 0 {
        list.push((
            format!(
                "≠ {} that others changed since will be left",
                text::count(summary.conflicts, "field", "fields")
            ),
            theme.warn.0,
        ));
    }
    for risk in &risks {
        let line = format!("! {} · {}", risk_word(risk.kind), risk.told());
        match risk.kind {
            RiskKind::Traffic => list.insert(0, (line, theme.danger.0)),
            _ => list.push((line, theme.warn.0)),
        }
    }
    if list.is_empty() {
        list.push(("no risk is known".to_owned(), theme.muted.0));
    }
    let digests: Vec<&str> = confirm.approvals.iter().map(|approval| approval.digest.short()).collect();
    list.push((format!("digest {}", digests.join(" ")), theme.muted.0));
    let changes = summary.changes();
    let changing = format!("{verb} {}", text::count(changes, "change", "changes"));
    let going = text::count(leftovers, "leftover", "leftovers");
    let go = match (changes, leftovers) {
        (_, 0) => changing,
        (0, _) => format!("Delete {going}"),
        _ => format!("{changing} + {going}"),
    };
    let content = Content {
        title: format!("{verb} in {}?", setting.environment),
        head,
        list,
        buttons: vec![(Choice::Cancel, "Cancel".to_owned()), (Choice::Go, go)],
        focus: confirm.focus,
    };
    draw(canvas, body, &content, ask_for(confirm.must_type.as_deref(), &confirm.typed));
}

/// The field for what must be typed.
pub(super) fn ask_for<'a>(name: Option<&str>, typed: &'a Input) -> Option<(String, &'a Input)> {
    Some((format!("Type {} to confirm: ", name?), typed))
}

pub(super) fn text(canvas: &mut Canvas<'_>, body: Rect, dialogue: &TextDialogue) {
    let is_gate =
        dialogue.purpose == Purpose::Tick && canvas.world.run.stopped_at_gates(&dialogue.step).is_some();
    let (title, go) = match dialogue.purpose {
        Purpose::Tick if is_gate => ("The gate on your word: what have you seen instead?", "Tick"),
        Purpose::Tick => ("Tick: how was it done?", "Tick"),
        Purpose::Skip => ("Skip: why will it not be done?", "Skip"),
        Purpose::Defer => ("Defer: why later?", "Defer"),
        Purpose::Note => ("Note", "Write"),
    };
    let theme = canvas.theme;
    let mut head = vec![(step_title(canvas, &dialogue.step), theme.heading.0)];
    let need = if dialogue.is_required {
        "Required; it goes into the journal."
    } else {
        "May be empty; it goes into the journal."
    };
    head.push((need.to_owned(), theme.muted.0));
    if let Some(problem) = &dialogue.problem {
        head.push((format!("✖ {problem}"), theme.danger.0));
    }
    let content = Content {
        title: title.to_owned(),
        head,
        list: Vec::new(),
        buttons: vec![(Choice::Go, go.to_owned()), (Choice::Cancel, "Cancel".to_owned())],
        focus: dialogue.focus,
    };
    draw(canvas, body, &content, Some((String::new(), &dialogue.input)));
}

pub(super) fn draw<A, W, T: From<Control>>(
    canvas: &mut Canvas<'_, A, W, T>,
    body: Rect,
    content: &Content,
    ask: Option<(String, &Input)>,
) {
    let width = body.width.saturating_sub(4).min(76);
    let room = usize::from(width).saturating_sub(4);
    let wrap = |lines: &[Styled]| -> Vec<Line<'static>> {
        lines
            .iter()
            .flat_map(|(line, style)| {
                text::wrap(line, room).into_iter().map(|part| Line::from(span(part, *style)))
            })
            .collect()
    };
    let head = wrap(&content.head);
    let mut list = wrap(&content.list);
    let fixed = head.len() + usize::from(ask.is_some()) + 5;
    let free = usize::from(body.height).saturating_sub(fixed);
    if list.len() > free {
        let hidden = list.len() - free.saturating_sub(1);
        list.truncate(free.saturating_sub(1));
        list.push(Line::from(span(
            format!("… {hidden} more lines: see the pane behind"),
            canvas.theme.warn.0,
        )));
    }
    let height = u16::try_from(fixed + list.len()).unwrap_or(body.height);
    let inner = canvas.overlay(layout::centre(body, width, height), &content.title);
    let mut row = 0;
    for line in head.iter().chain(&list) {
        canvas.line(inner, row, line);
        row += 1;
    }
    // Where there is little room, lines are worth more than what sets them apart.
    let gap = u16::from(fixed + list.len() <= usize::from(body.height));
    row += gap;
    if let Some((label, input)) = ask {
        let focused = content.focus == Choice::Field;
        let label = format!("{}{label}", if focused { "▸ " } else { "  " });
        canvas.line(inner, row, &Line::from(Span::styled(label.clone(), canvas.theme.accent.0)));
        let used = u16::try_from(text::width(&label)).unwrap_or(0).min(inner.width);
        let area = Rect { x: inner.x + used, y: inner.y + row, width: inner.width - used, height: 1 };
        if row < inner.height {
            field::draw(canvas, area, input, focused);
            if !focused && input.value().is_empty() {
                canvas.line(inner, row, &Line::from(span(format!("{label}{EMPTY}"), canvas.theme.accent.0)));
            }
            canvas.areas.add(area, Control::Choice(Choice::Field).into());
        }
        row += 1;
    }
    // The buttons are always in sight, whatever had to be cut above.
    let row = (row + gap).min(inner.height.saturating_sub(1));
    let mut x = inner.x;
    for (choice, label) in &content.buttons {
        let target = Control::Choice(*choice).into();
        x += canvas.button((x, inner.y + row), label, content.focus == *choice, target) + 3;
    }
    let hint = Line::from(span("tab moves, enter presses", canvas.theme.muted.0));
    if usize::from(inner.right().saturating_sub(x)) > hint.width() {
        canvas.right(inner, row, &hint);
    }
}

fn verb(kind: Kind) -> &'static str {
    match kind {
        Kind::Apply => "Apply",
        Kind::Prune => "Prune",
        Kind::Rollback => "Roll back",
        Kind::Verify => "Verify",
    }
}

pub(super) fn step_title(canvas: &Canvas<'_>, path: &StepPath) -> String {
    let title = canvas.world.run.step(path).map_or(path.step.as_str(), |step| step.title.as_str());
    format!("{} › {title}", canvas.world.setting.stage_title(&path.stage))
}

fn sum(proposals: &[&Proposal]) -> Summary {
    proposals.iter().fold(Summary::default(), |mut sum, proposal| {
        let one = proposal.summary();
        sum.objects += one.objects;
        sum.create += one.create;
        sum.change += one.change;
        sum.adopt += one.adopt;
        sum.same += one.same;
        sum.delete += one.delete;
        sum.leftovers += one.leftovers;
        sum.conflicts += one.conflicts;
        sum
    })
}

/// How many steps before the first of these are neither done nor skipped.
fn earlier_open(canvas: &Canvas<'_>, proposals: &[&Proposal]) -> usize {
    let run = canvas.world.run;
    let is_shown = |path: &StepPath| proposals.iter().any(|proposal| &proposal.step == path);
    let last = run.steps().iter().rposition(|step| is_shown(&step.path)).unwrap_or(0);
    let before = run.steps().iter().take(last);
    before.filter(|step| !is_shown(&step.path) && !run.standing(&step.path).is_settled()).count()
}
