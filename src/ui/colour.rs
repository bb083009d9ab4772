//! Brings colours down to what a terminal can show.

use ratatui::style::Color;

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None (`NO_COLOR`, or a terminal called `dumb`).
    None,
    /// The sixteen named ones.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// All.
    True,
}

impl Depth {
    /// From the values of `NO_COLOR`, `COLORTERM` and `TERM`.
    #[must_use]
    pub fn of(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Self {
        let term = term.unwrap_or_default();
        // https://no-color.org: any value but the empty one.
        if no_color.is_some_and(|value| !value.is_empty()) || term == "dumb" {
            Self::None
        } else if matches!(colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
            Self::True
        } else if term.contains("256color") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

const NAMED: [(Color, (u8, u8, u8)); 16] = [
    (Color::Black, (0, 0, 0)),
    (Color::Red, (170, 0, 0)),
    (Color::Green, (0, 170, 0)),
    (Color::Yellow, (170, 120, 0)),
    (Color::Blue, (0, 0, 170)),
    (Color::Magenta, (170, 0, 170)),
    (Color::Cyan, (0, 170, 170)),
    (Color::Gray, (192, 192, 192)),
    (Color::DarkGray, (110, 110, 110)),
    (Color::LightRed, (255, 110, 120)),
    (Color::LightGreen, (120, 230, 100)),
    (Color::LightYellow, (240, 200, 100)),
    (Color::LightBlue, (90, 130, 255)),
    (Color::LightMagenta, (255, 85, 255)),
    (Color::LightCyan, (120, 220, 255)),
    (Color::White, (255, 255, 255)),
];

/// The nearest colour at that depth; `None` where nothing is coloured.
#[must_use]
pub(super) fn reduce(colour: Color, depth: Depth) -> Option<Color> {
    match (depth, colour) {
        (Depth::None, _) => None,
        (Depth::Sixteen, Color::Rgb(red, green, blue)) => Some(nearest((red, green, blue))),
        (Depth::Sixteen, Color::Indexed(index)) => Some(nearest(indexed(index))),
        (Depth::Indexed, Color::Rgb(red, green, blue)) => Some(cube((red, green, blue))),
        (_, other) => Some(other),
    }
}

fn nearest(wanted: (u8, u8, u8)) -> Color {
    NAMED.iter().min_by_key(|(_, known)| distance(*known, wanted)).map_or(Color::Reset, |(name, _)| *name)
}

fn cube(wanted: (u8, u8, u8)) -> Color {
    (16..=255).min_by_key(|index| distance(indexed(*index), wanted)).map_or(Color::Reset, Color::Indexed)
}

/// What xterm shows for an index: sixteen names, a 6x6x6 cube, then greys.
fn indexed(index: u8) -> (u8, u8, u8) {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match index {
        0..16 => NAMED.get(usize::from(index)).map_or((0, 0, 0), |(_, known)| *known),
        16..232 => {
            let cube = index - 16;
            (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

fn distance(one: (u8, u8, u8), two: (u8, u8, u8)) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    2 * square(one.0, two.0) + 4 * square(one.1, two.1) + 3 * square(one.2, two.2)
}

#[cfg(test)]
mod tests {
    use super::Depth;

    #[test]
    fn the_environment_says_how_many_colours() {
        assert_eq!(Depth::of(Some("1"), Some("truecolor"), Some("xterm")), Depth::None);
        assert_eq!(Depth::of(Some(""), Some("truecolor"), Some("xterm")), Depth::True);
        assert_eq!(Depth::of(None, None, Some("screen-256color")), Depth::Indexed);
        assert_eq!(Depth::of(None, None, Some("linux")), Depth::Sixteen);
    }
}
