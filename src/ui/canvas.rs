//! What every part draws with.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, BorderType, Clear, Widget},
};

use super::{Theme, text};
use crate::{
    app::{App, Areas, Control, Focus, Target, Viewport, World},
    config::Keymap,
};

/// What one frame is drawn from, and on; the cockpit's, where no other screen is named.
#[derive(Debug)]
pub struct Canvas<'a, A = App, W = World<'a>, T = Target> {
    /// The screen's state.
    pub app: &'a A,
    /// What it looks at.
    pub world: &'a W,
    /// Roles to styles.
    pub theme: &'a Theme,
    /// For hints and help.
    pub keymap: &'a Keymap,
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// What was drawn where.
    pub areas: Areas<T>,
}

impl<A, W, T> Canvas<'_, A, W, T> {
    /// Draws a line, cut to the area's width.
    pub(super) fn line(&mut self, area: Rect, row: u16, line: &Line<'_>) {
        if row < area.height {
            self.buffer.set_line(area.x, area.y + row, line, area.width);
        }
    }

    /// Draws a line at the right edge.
    pub(super) fn right(&mut self, area: Rect, row: u16, line: &Line<'_>) {
        let width = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width);
        if row < area.height {
            self.buffer.set_line(area.right() - width, area.y + row, line, width);
        }
    }

    /// A row of cells in one style.
    pub(super) fn paint(&mut self, area: Rect, row: u16, style: Style) {
        if row < area.height {
            self.buffer.set_style(Rect { y: area.y + row, height: 1, ..area }, style);
        }
    }

    /// A frame with a title at either end; heavy, and with `▸`, when it has the focus.
    pub(super) fn framed(
        &mut self,
        area: Rect,
        title: &str,
        right: Line<'static>,
        (is_focused, target): (bool, T),
    ) -> Rect {
        let (border, heading) = if is_focused {
            (self.theme.border_focused.0, self.theme.accent.0)
        } else {
            (self.theme.border.0, self.theme.heading.0)
        };
        let room = usize::from(area.width).saturating_sub(5 + right.width());
        let mark = if is_focused { "▸" } else { " " };
        let title = Line::from(Span::styled(format!("{mark}{} ", text::fit(title, room)), heading));
        let block = Block::bordered()
            .border_type(if is_focused { BorderType::Thick } else { BorderType::Plain })
            .border_style(border)
            .title(title)
            .title(right.right_aligned());
        let inner = block.inner(area);
        block.render(area, self.buffer);
        self.areas.add(area, target);
        inner
    }

    /// Says something at the right of a frame's lower edge, over none of its content.
    pub(super) fn edge(&mut self, frame: Rect, content: &str) {
        if content.is_empty() || frame.width < 4 || frame.height < 2 {
            return;
        }
        let line = Line::from(span(format!(" {content} "), self.theme.accent.0));
        let row = Rect { x: frame.x + 1, width: frame.width - 2, ..frame };
        self.right(row, frame.height - 1, &line);
    }

    /// On a frame's lower edge, how much of its content is out of sight.
    pub(super) fn edge_of_lines(&mut self, frame: Rect, shown: Viewport) {
        let Viewport { scroll, height, total } = shown;
        let below = total.saturating_sub(scroll + height);
        let above = (scroll > 0).then(|| format!("{scroll} above ▴"));
        let below = (below > 0).then(|| format!("{} ▾", text::count(below, "more line", "more lines")));
        let parts: Vec<String> = above.into_iter().chain(below).collect();
        self.edge(frame, &parts.join(" · "));
    }

    /// A box in the middle that lies over everything.
    pub(super) fn overlay(&mut self, area: Rect, title: &str) -> Rect
    where
        T: From<Control>,
    {
        Clear.render(area, self.buffer);
        let block = Block::bordered()
            .border_type(BorderType::Double)
            .border_style(self.theme.border_focused.0.patch(Style { fg: None, ..self.theme.dialogue.0 }))
            .style(self.theme.dialogue.0)
            .title(Span::styled(
                format!(" {} ", text::fit(title, usize::from(area.width).saturating_sub(4))),
                self.theme.accent.0,
            ));
        let inner = block.inner(area);
        block.render(area, self.buffer);
        self.areas.add(area, Control::Dialogue.into());
        Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
    }

    /// Draws `( Label )`, which cannot be pressed yet: a click says why. Gives its width.
    pub(super) fn held_button(&mut self, at: (u16, u16), label: &str, target: T) -> u16 {
        self.label(at, &format!("( {label} )"), self.theme.muted.0, target)
    }

    /// Draws `[ Label ]`, which can be clicked; gives its width.
    pub(super) fn button(&mut self, at: (u16, u16), label: &str, is_focused: bool, target: T) -> u16 {
        let style = if is_focused { self.theme.button_focused.0 } else { self.theme.button.0 };
        // The focused button is told by its brackets as well.
        let label = if is_focused { format!("▸ {label} ◂") } else { format!("[ {label} ]") };
        self.label(at, &label, style, target)
    }

    fn label(&mut self, at: (u16, u16), label: &str, style: Style, target: T) -> u16 {
        let area = Rect::new(at.0, at.1, u16::try_from(text::width(label)).unwrap_or(0), 1)
            .intersection(self.buffer.area);
        if !area.is_empty() {
            self.buffer.set_stringn(area.x, area.y, label, usize::from(area.width), style);
            self.areas.add(area, target);
        }
        area.width
    }
}

impl Canvas<'_> {
    /// The frame of one of the cockpit's panes.
    pub(super) fn frame(&mut self, area: Rect, title: &str, right: Line<'static>, focus: Focus) -> Rect {
        let is_focused =
            self.app.focus == focus || (focus == Focus::Detail && self.app.focus == Focus::Buttons);
        self.framed(area, title, right, (is_focused, Target::Area(focus)))
    }
}

/// Styled text from a cluster, a file or ourselves, neutralised.
pub(super) fn span(content: impl AsRef<str>, style: impl Into<Style>) -> Span<'static> {
    Span::styled(text::clean(content.as_ref()).into_owned(), style.into())
}
